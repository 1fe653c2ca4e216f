// Unit tests: beside the file they test.
export default {
  extensions: ['ts'],
  files: ['{api,controller,hack,images,manifests,test}/**/*.test.ts', '!test/integration/**'],
  timeout: '30s',
};
