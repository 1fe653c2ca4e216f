// The conformance of the embedded API server, asked of a real one: are its expectations true?
export default {
  extensions: ['ts'],
  files: ['test/conformance/**/*.test.ts'],
  environmentVariables: { TEST_BACKEND: 'real' },
  timeout: '3m',
};
