import test from 'ava';
import type { Node, Pod } from '#api/core.ts';
import { registrationDelay } from './instance.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const second = 1000;

const aPod = { apiVersion: 'v1', kind: 'Pod' };
const pending: Pod = { ...aPod, metadata: {}, status: { phase: 'Pending' } };
const running: Pod = {
  ...aPod,
  metadata: {},
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'hollow-node',
        image: '',
        imageID: '',
        ready: true,
        restartCount: 0,
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
      },
    ],
  },
};
const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
};

test('the status of a Pod that runs waits two seconds for its Node', (t) => {
  t.is(registrationDelay(running, undefined, start), 2 * second);
  t.is(registrationDelay(running, undefined, start + 1500), 500);
  t.true(registrationDelay(running, undefined, start + 2 * second) <= 0);
});

test('a Node waits as long for the news that its Pod runs', (t) => {
  t.is(registrationDelay(pending, node, start + 500), 1500);
  t.true(registrationDelay(pending, node, start + 3 * second) <= 0);
});

test('nothing waits when both are there, or none', (t) => {
  t.is(registrationDelay(running, node, start), 0);
  t.is(registrationDelay(pending, undefined, start), 0);
});

test('a clock that is ahead delays nothing', (t) => {
  t.is(registrationDelay(running, undefined, start - 60 * second), 0);
});

test('a Pod that does not say since when it runs delays nothing', (t) => {
  const silent: Pod = { ...aPod, metadata: {}, status: { phase: 'Running' } };
  t.is(registrationDelay(silent, undefined, start), 0);
});
