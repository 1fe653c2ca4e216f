// Hollow nodes next to real kubemarks, and real clients before the embedded API server.
export default {
  extensions: ['ts'],
  files: ['test/real/**/*.test.ts'],
  timeout: '4m',
  concurrency: 1, // each file runs many processes
};
