import test from 'ava';
import { pods, type Pod } from '#api/core.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import type { Client } from '../client/client.ts';
import { silentLogger } from '../log.ts';
import { pod } from '../testing/objects.ts';
import { Informer, type InformerEvent, type InformerOptions } from './informer.ts';

const neverAsked: Client = Object.create(null);

/** An informer whose server is the test. */
function create(options: Partial<InformerOptions<Pod>> = {}): {
  informer: Informer<Pod>;
  told: string[];
  events: InformerEvent<Pod>[];
} {
  const clock = new FakeClock();
  const informer = new Informer<Pod>({
    client: neverAsked,
    kind: pods,
    clock,
    log: silentLogger,
    ...options,
  });
  const events: InformerEvent<Pod>[] = [];
  const told: string[] = [];
  informer.addHandler((event) => {
    events.push(event);
    const { name, resourceVersion } = event.object.metadata;
    told.push(`${event.type} ${name} ${resourceVersion}`);
  });
  return { informer, told, events };
}

test('handlers see what changes, with the state before', (t) => {
  const { informer, told, events } = create();
  informer.replace([pod('a', 1)], '1');
  informer.apply('MODIFIED', pod('a', 2));
  informer.apply('DELETED', pod('a', 3));
  t.deepEqual(told, ['added a 1', 'updated a 2', 'deleted a 3']);
  t.like(events[1], { old: { metadata: { resourceVersion: '1' } } });
  t.is(informer.get({ namespace: 'default', name: 'a' }), undefined);
});

test('a version is shown once', (t) => {
  const { informer, told } = create();
  informer.replace([pod('a', 1)], '1');
  informer.apply('ADDED', pod('a', 1));
  informer.replace([pod('a', 1)], '1');
  t.deepEqual(told, ['added a 1']);
});

test('a list tells what happened meanwhile, deletions first', (t) => {
  const { informer, told } = create();
  informer.replace([pod('a', 1), pod('b', 1), pod('c', 1)], '1');
  told.length = 0;
  informer.replace([pod('a', 1), pod('b', 5), pod('d', 6)], '6');
  t.deepEqual(told, ['deleted c 1', 'updated b 5', 'added d 6']);
  t.deepEqual(
    informer.list('default').map(({ metadata }) => metadata.name),
    ['a', 'b', 'd'],
  );
});

test('an object that was replaced by another of its name is deleted, then added', (t) => {
  const { informer, told } = create();
  informer.replace([pod('a', 1)], '1');
  informer.replace([pod('a', 9, { metadata: { uid: 'another' } })], '9');
  t.deepEqual(told, ['added a 1', 'deleted a 1', 'added a 9']);
});

test('the deletion of what was never seen is not shown', (t) => {
  const { informer, told } = create();
  informer.replace([], '1');
  informer.apply('DELETED', pod('a', 3));
  t.deepEqual(told, []);
});

test('the store shows a change before its handlers run', (t) => {
  const { informer } = create({ indexes: { name: ({ metadata }) => [metadata.name ?? ''] } });
  const seen: number[] = [];
  informer.addHandler(() => seen.push(informer.byIndex('name', 'a').length));
  informer.replace([pod('a', 1)], '1');
  informer.apply('DELETED', pod('a', 2));
  t.deepEqual(seen, [1, 0]);
});

test('a handler that comes late is shown what is there', (t) => {
  const { informer } = create();
  informer.replace([pod('a', 1), pod('b', 1)], '1');
  const late: string[] = [];
  informer.addHandler(({ type, object }) => late.push(`${type} ${object.metadata.name}`));
  t.deepEqual(late, ['added a', 'added b']);
});

test('a handler that throws does not keep others from hearing', (t) => {
  const errors: unknown[] = [];
  const log = { ...silentLogger, error: (_: string, error: unknown) => errors.push(error) };
  const { informer } = create({ log });
  let heard = 0;
  informer.addHandler(() => {
    throw new Error('a bug');
  });
  informer.addHandler(() => (heard += 1));
  informer.replace([pod('a', 1)], '1');
  t.is(heard, 1);
  t.is(errors.length, 1);
});

test('objects are transformed and frozen', (t) => {
  const { informer, events } = create({
    transform: (object) => pod(object.metadata.name ?? '', 0, { metadata: object.metadata }),
  });
  informer.replace([pod('a', 1, { status: { phase: 'Running' } })], '1');
  informer.apply('DELETED', pod('a', 2, { status: { phase: 'Running' } }));
  for (const { object } of events) {
    t.is(object.status, undefined);
    t.true(Object.isFrozen(object.metadata));
  }
});

test('synced resolves after the first list, and not when that is given up', async (t) => {
  const { informer } = create();
  t.false(informer.hasSynced);
  const controller = new AbortController();
  const given = t.throwsAsync(informer.synced(controller.signal), { message: 'no time' });
  controller.abort(new Error('no time'));
  await given;
  informer.replace([], '1');
  t.true(informer.hasSynced);
  await informer.synced(new AbortController().signal);
});

test('a resync shows every object again, about each period', async (t) => {
  const clock = new FakeClock();
  const { informer, events } = create({
    client: Object.create(null, {
      list: { value: () => Promise.resolve({ resourceVersion: '1', items: [pod('a', 1)] }) },
      watch: {
        value: async function* watch(_: unknown, { signal }: { signal: AbortSignal }) {
          await clock.sleep(Infinity, signal);
          yield* [];
        },
      },
    }),
    clock,
    resyncPeriod: 600_000,
    random: () => 1, // the longest: 110 %
  });
  const controller = new AbortController();
  const running = informer.run(controller.signal);
  await clock.advance(659_000);
  t.is(events.length, 1);
  await clock.advance(1_000);
  t.is(events.length, 2);
  const [, resync] = events;
  t.true(resync?.type === 'updated' && resync.old === resync.object);
  controller.abort();
  await running;
});
