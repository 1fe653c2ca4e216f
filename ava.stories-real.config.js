// The integration stories once more, on real control planes: one for each file, whose stories take turns.
export default {
  extensions: ['ts'],
  files: [
    'test/integration/**/*.test.ts',
    '!test/integration/local-command.test.ts', // is about the embedded cluster
  ],
  environmentVariables: { TEST_BACKEND: 'real' },
  timeout: '8m',
  concurrency: 3,
};
