import test from 'ava';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { ApiError } from './client/errors.ts';
import { describeError } from './error-text.ts';
import { createLogger } from './json-logger.ts';
import type { Logger } from './log.ts';
import { TerminalError } from './reconcile.ts';

function create(verbosity: number): { log: Logger; lines: () => unknown[] } {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  const log = createLogger({ verbosity, destination, clock: new FakeClock() });
  return { log, lines: () => written.map((line): unknown => JSON.parse(line)) };
}

test('a line has level, time, message and all values', (t) => {
  const { log, lines } = create(0);
  const Machine = { namespace: 'a', name: 'b' };
  log.with({ controller: 'machine' }).with({ Machine }).info('Creating pod', { Pod: 'x' });
  t.deepEqual(lines(), [
    {
      level: 'info',
      ts: '2030-01-01T00:00:00.000Z',
      controller: 'machine',
      Machine,
      Pod: 'x',
      msg: 'Creating pod',
    },
  ]);
});

test('debug lines are shown with verbosity 4 and above', (t) => {
  for (const [verbosity, shown] of [
    [0, 0],
    [3, 0],
    [4, 1],
    [9, 1],
  ] as const) {
    const { log, lines } = create(verbosity);
    log.debug('Seen');
    t.is(lines().length, shown, `--v=${verbosity}`);
  }
});

test('an error is its message with what caused it, and its stack', (t) => {
  const { log, lines } = create(0);
  const cause = new Error('connect ECONNREFUSED');
  log.error('Failed', new Error('GET /api', { cause }), { retryAfter: 5 });
  t.like(lines()[0], {
    level: 'error',
    msg: 'Failed',
    error: 'GET /api: connect ECONNREFUSED',
    retryAfter: 5,
  });
  t.regex(JSON.stringify(lines()[0]), /"stack":"Error: GET \/api/);
});

test('a mistake of a user has no stack', (t) => {
  const { log, lines } = create(0);
  log.error('Failed', new TerminalError('numCores: 0'));
  t.deepEqual(Object.keys(lines()[0] ?? {}).toSorted(), ['error', 'level', 'msg', 'ts']);
});

test('a refusal of the API server tells what was asked', (t) => {
  const { log, lines } = create(0);
  const status = { code: 403, reason: 'Forbidden', message: 'no' };
  log.error('Failed', new ApiError('GET /api/v1/pods', status));
  t.deepEqual(lines(), [
    {
      level: 'error',
      ts: '2030-01-01T00:00:00.000Z',
      error: 'no',
      request: 'GET /api/v1/pods',
      reason: 'Forbidden',
      msg: 'Failed',
    },
  ]);
});

test('whatever was thrown is described', (t) => {
  const round = new Error('round');
  round.cause = round;
  t.is(describeError('text'), 'text');
  t.is(describeError({ code: 7 }), '{ code: 7 }');
  t.is(describeError(undefined), 'undefined');
  t.is(describeError(round), 'round');
  t.is(describeError(new Error('a b', { cause: 'b' })), 'a b', 'nothing is said twice');
  t.is(describeError(new TypeError()), 'TypeError');
});
