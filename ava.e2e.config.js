// The user's journey, on a cluster whose nodes run containers: `make e2e` (hack/e2e.ts).
export default {
  extensions: ['ts'],
  files: ['test/e2e/**/*.test.ts'],
  timeout: '5m',
  workerThreads: false,
  concurrency: 1, // one cluster, with two cores
};
