/** Proofs by repetition, minutes of work: `make test` is to be over soon, and `make test-real` runs them. */
export const longStories = ['test/integration/*-{crash,late,limits}.test.ts'];

export default {
  extensions: ['ts'],
  files: longStories,
  timeout: '3m',
  concurrency: 3,
};
