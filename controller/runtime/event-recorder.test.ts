import test from 'ava';
import { events, type Event } from '#api/core.ts';
import { FakeClock, settle } from '#test/helpers/fake-clock.ts';
import { ApiError } from './client/errors.ts';
import { KubeEventRecorder } from './event-recorder.ts';
import { silentLogger } from './log.ts';
import { MemoryClient } from './testing/memory-client.ts';
import { pod } from './testing/objects.ts';

function create(log = silentLogger): {
  clock: FakeClock;
  client: MemoryClient;
  recorder: KubeEventRecorder;
  stored: () => Event[];
} {
  const clock = new FakeClock();
  const client = new MemoryClient();
  const recorder = new KubeEventRecorder({ client, clock, log, component: 'test' });
  const stored = (): Event[] => client.all(events);
  return { clock, client, recorder, stored };
}

test('an event is what kubectl describe looks for', async (t) => {
  const { recorder, stored } = create();
  recorder.event(pod('a', 7), 'Normal', 'Created', 'Created it');
  await settle();
  const [event] = stored();
  t.like(event, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: 'default' },
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'default',
      name: 'a',
      uid: 'uid-of-a',
      resourceVersion: '7',
    },
    type: 'Normal',
    reason: 'Created',
    message: 'Created it',
    source: { component: 'test' },
    count: 1,
    firstTimestamp: '2030-01-01T00:00:00Z',
    lastTimestamp: '2030-01-01T00:00:00Z',
  });
  t.regex(event?.metadata.name ?? '', /^a\.[0-9a-f]{16}$/);
});

test('a repetition raises the count of the same event', async (t) => {
  const { clock, client, recorder, stored } = create();
  for (let i = 0; i < 3; i++) {
    recorder.event(pod('a', i), 'Warning', 'Failed', 'No image');
    await clock.advance(1_000);
  }
  t.is(stored().length, 1);
  t.like(stored()[0], {
    count: 3,
    firstTimestamp: '2030-01-01T00:00:00Z',
    lastTimestamp: '2030-01-01T00:00:02Z',
  });
  t.deepEqual(
    client.requests.map((request) => request.split(' ')[0]),
    ['create', 'patch', 'patch'],
  );
});

test('another object, type, reason or message is another event', async (t) => {
  const { recorder, stored } = create();
  recorder.event(pod('a', 1), 'Normal', 'R', 'm');
  recorder.event(pod('b', 1), 'Normal', 'R', 'm');
  recorder.event(pod('a', 1), 'Warning', 'R', 'm');
  recorder.event(pod('a', 1), 'Normal', 'Other', 'm');
  recorder.event(pod('a', 1), 'Normal', 'R', 'other');
  recorder.event(pod('a', 1, { metadata: { uid: 'reborn' } }), 'Normal', 'R', 'm');
  await recorder.flush(1_000);
  t.is(stored().length, 6);
});

test('repetitions while the API server is slow become one write', async (t) => {
  const { client, recorder, stored } = create();
  const gate = Promise.withResolvers<void>();
  client.intercept = () => gate.promise;
  for (let i = 0; i < 20; i++) recorder.event(pod('a', 1), 'Warning', 'Failed', 'No image');
  gate.resolve();
  await recorder.flush(1_000);
  t.is(stored()[0]?.count, 20);
  t.is(client.requests.length, 2);
});

test('an event that the API server has forgotten is written anew', async (t) => {
  const { client, recorder, stored } = create();
  recorder.event(pod('a', 1), 'Normal', 'R', 'm');
  await settle();
  const { namespace = '', name = '' } = stored()[0]?.metadata ?? {};
  await client.delete(events, { namespace, name });
  recorder.event(pod('a', 1), 'Normal', 'R', 'm');
  await settle();
  t.is(stored()[0]?.count, 2);
});

test('an object that floods is cut short, another is not, nor is another reason', async (t) => {
  const { clock, recorder, stored } = create();
  for (let i = 0; i < 100; i++) recorder.event(pod('a', 1), 'Normal', 'R', `message ${i}`);
  recorder.event(pod('b', 1), 'Normal', 'R', 'm');
  recorder.event(pod('a', 1), 'Normal', 'Other', 'm');
  await recorder.flush(1_000);
  t.is(stored().length, 27);
  await clock.advance(60_000);
  for (let i = 0; i < 5; i++) recorder.event(pod('a', 1), 'Normal', 'R', `later ${i}`);
  await recorder.flush(1_000);
  t.is(stored().length, 28);
});

test('at most a thousand events wait', async (t) => {
  const { client, recorder, stored } = create();
  const gate = Promise.withResolvers<void>();
  client.intercept = () => gate.promise;
  for (let i = 0; i < 1_500; i++) recorder.event(pod(`p${i}`, 1), 'Normal', 'R', 'm');
  gate.resolve();
  await recorder.flush(1_000);
  t.is(stored().length, 1_001, 'the first was under way');
});

test('an event without an answer, or from a busy server, is tried again; a refused one is not', async (t) => {
  const errors: unknown[] = [];
  const log = { ...silentLogger, error: (_: string, error: unknown) => errors.push(error) };
  const { clock, client, recorder, stored } = create(log);
  const failures = [
    new Error('no network'),
    new ApiError('POST', { code: 500, reason: 'InternalError', message: 'busy' }),
  ];
  client.intercept = () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  };
  recorder.event(pod('a', 1), 'Normal', 'R', 'm');
  await settle();
  await clock.advance(30_000);
  t.is(stored().length, 1);
  client.intercept = () => {
    throw new ApiError('POST', { code: 403, reason: 'Forbidden', message: 'no' });
  };
  recorder.event(pod('b', 1), 'Normal', 'R', 'm');
  await clock.advance(30_000);
  t.is(errors.length, 1);
  client.intercept = () => {};
  recorder.event(pod('c', 1), 'Normal', 'R', 'm');
  await settle();
  t.is(stored().length, 2, 'later events still arrive');
});

test('an event whose answer was lost is not told twice', async (t) => {
  const { clock, client, recorder, stored } = create();
  client.answered = () => {
    client.answered = () => {};
    throw new Error('connection reset');
  };
  recorder.event(pod('a', 1), 'Normal', 'R', 'm');
  await settle();
  await clock.advance(30_000);
  recorder.event(pod('a', 1), 'Normal', 'R', 'm');
  await settle();
  t.is(stored().length, 1);
  t.is(stored()[0]?.count, 2);
});

test('a server that is away does not stop the caller, and a stop does not wait for it', async (t) => {
  const { clock, client, recorder } = create();
  client.intercept = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  recorder.event(pod('a', 1), 'Normal', 'R', 'm');
  recorder.event(pod('b', 1), 'Normal', 'R', 'm');
  const stopped = recorder.stop(3_000);
  await clock.advance(3_000);
  await stopped;
  recorder.event(pod('c', 1), 'Normal', 'R', 'm');
  await settle();
  t.is(client.requests.length, 1);
});

test('the name and the message of an event stay within their limits', async (t) => {
  const { recorder, stored } = create();
  const name = `${'a'.repeat(235)}.${'b'.repeat(17)}`;
  recorder.event(pod(name, 1), 'Normal', 'R', `${'x'.repeat(1_022)}🚀${'y'.repeat(100_000)}`);
  await settle();
  const [event] = stored();
  t.regex(event?.metadata.name ?? '', /^a{235}\.[0-9a-f]{16}$/);
  t.is(event?.message?.length, 1_024);
  t.true(event?.message?.isWellFormed());
});

test('an event about a cluster-scoped object is in the default namespace', async (t) => {
  const { recorder, stored } = create();
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', uid: 'u' } };
  recorder.event(node, 'Normal', 'Registered', 'm');
  await settle();
  t.is(stored()[0]?.metadata.namespace, 'default');
  t.deepEqual(stored()[0]?.involvedObject, { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' });
});
