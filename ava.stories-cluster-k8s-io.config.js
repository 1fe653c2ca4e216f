// Stories about what Machines and MachineSets of cluster.k8s.io have in common with those of
// machine.openshift.io, told of the former.
export default {
  extensions: ['ts'],
  files: ['test/integration/{crash,identity,machine-set,node-link}.test.ts'],
  environmentVariables: { TEST_MACHINE_API_GROUP: 'cluster.k8s.io' },
  timeout: '3m',
  concurrency: 3,
};
