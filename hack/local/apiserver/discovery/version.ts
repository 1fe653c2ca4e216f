/** The Kubernetes release whose behaviour is followed; clients choose features by it. */
export const version = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.0+kubemark-local',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: `${process.platform}/${process.arch}`,
};
