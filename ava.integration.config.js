// Integration stories: the whole system in one process, on the embedded cluster.
export default {
  extensions: ['ts'],
  files: ['test/integration/**/*.test.ts'],
  timeout: '3m',
  concurrency: 2,
};
