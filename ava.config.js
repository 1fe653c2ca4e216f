// Unit tests: beside the file they test.
export default {
  extensions: ['ts'],
  files: [
    '{api,controller,hack,images,manifests,test}/**/*.test.ts',
    '!test/{integration,real,e2e}/**',
    '!**/*.slow.test.ts',
  ],
  timeout: '30s',
};
