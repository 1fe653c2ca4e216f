import { longStories } from './ava.long-stories.config.js';

const { TEST_LONG = '' } = process.env;

// The integration stories once more, on real control planes: one for each file, whose stories take turns.
// The long ones only with TEST_LONG=1.
export default {
  extensions: ['ts'],
  files: [
    'test/integration/**/*.test.ts',
    '!test/integration/local-command.test.ts', // is about the embedded cluster
    ...(TEST_LONG === '' ? longStories.map((file) => `!${file}`) : []),
  ],
  environmentVariables: { TEST_BACKEND: 'real' },
  timeout: '8m',
  concurrency: 3,
};
