import { longStories } from './ava.long-stories.config.js';

const isSlow = (file) => file.endsWith('.slow.test.ts');

// Integration stories: the whole system in one process, on the embedded cluster. And unit tests that
// spend minutes waiting, in real time: here they wait beside others that work.
export default {
  extensions: ['ts'],
  files: [
    'test/integration/**/*.test.ts',
    ...longStories.map((file) => `!${file}`),
    '**/*.slow.test.ts',
  ],
  timeout: '3m',
  concurrency: 4, // one of them only waits, for minutes, and therefore begins first
  sortTestFiles: (one, other) =>
    Number(isSlow(other)) - Number(isSlow(one)) || one.localeCompare(other),
};
