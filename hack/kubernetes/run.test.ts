import test from 'ava';
import { run } from './run.ts';

test('lines are told as they come', async (t) => {
  const lines: string[] = [];
  await run('sh', ['-c', 'echo one; echo two'], { onLine: (line) => void lines.push(line) });
  t.deepEqual(lines, ['one', 'two']);
});

test('a failure says what the program said', async (t) => {
  const running = run('sh', ['-c', 'echo "no such package" >&2; exit 3']);
  await t.throwsAsync(running, { message: 'sh ended with 3: no such package' });
  await t.throwsAsync(run('/no/such/program', []), { message: 'spawn /no/such/program ENOENT' });
});

test('an interruption ends the program with all that it has started', async (t) => {
  const stop = new AbortController();
  const { promise: isUp, resolve } = Promise.withResolvers<string>();
  // `sleep` keeps the output open, so that the end of the shell alone would not be the end.
  const running = run('sh', ['-c', 'sleep 60 & echo up; wait'], {
    signal: stop.signal,
    onLine: resolve,
  });
  await isUp;
  stop.abort(new Error('interrupted'));
  await t.throwsAsync(running, { message: 'interrupted' });
  await t.throwsAsync(run('sh', [], { signal: stop.signal }), { message: 'interrupted' });
});
