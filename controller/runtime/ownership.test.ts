import test from 'ava';
import { pods, type Pod } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import type { OwnerReference } from '#api/meta.ts';
import { Informer } from './cache/informer.ts';
import { realClock } from './clock.ts';
import { silentLogger } from './log.ts';
import { Ownership, type Selecting } from './ownership.ts';
import { MemoryClient } from './testing/memory-client.ts';

const fleets: Kind<Selecting> = {
  group: 'example.com',
  version: 'v1',
  kind: 'Fleet',
  plural: 'fleets',
  namespaced: true,
};
const key = { namespace: 'default', name: 'f' };
const fleet: Selecting = {
  apiVersion: 'example.com/v1',
  kind: 'Fleet',
  metadata: { ...key, uid: 'uid-of-f' },
  spec: { selector: { matchLabels: { app: 'f' } } },
};
const reference: OwnerReference = {
  apiVersion: 'example.com/v1',
  kind: 'Fleet',
  name: 'f',
  uid: 'uid-of-f',
  controller: true,
  blockOwnerDeletion: true,
};
const friend = { ...reference, kind: 'Friend', uid: 'uid-of-friend', controller: false };

interface Traits {
  app?: string;
  owners?: OwnerReference[];
  namespace?: string;
  deletionTimestamp?: string;
}

function pod(name: string, { app = 'f', owners, ...metadata }: Traits = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'default',
      name,
      uid: `uid-of-${name}`,
      labels: { app },
      ...(owners && { ownerReferences: owners }),
      ...metadata,
    },
  };
}

/** A cluster of one fleet, which caches know, and Pods. */
async function newWorld(...objects: Pod[]) {
  const client = new MemoryClient();
  const parts = { client, clock: realClock, log: silentLogger };
  const owners = new Informer({ ...parts, kind: fleets });
  const owned = new Informer({ ...parts, kind: pods });
  const told: string[] = [];
  const events = {
    event: (_: unknown, type: string, reason: string, message: string): void => {
      told.push(`${type} ${reason}: ${message}`);
    },
  };
  const ownership = new Ownership({ client, events, owners, owned });
  const stored = await client.create(fleets, fleet);
  owners.replace([stored], '0');
  owned.replace(await Promise.all(objects.map((object) => client.create(pods, object))), '0');
  client.requests.length = 0;
  const context = { signal: new AbortController().signal, log: silentLogger };
  return {
    client,
    owned,
    told,
    ownership,
    reconcile: () => ownership.reconcile(context, stored),
    members: () => ownership.membersOf(stored).map(({ metadata }) => metadata.name),
    ownersOf: (name: string) =>
      client.peek(pods, { namespace: 'default', name })?.metadata.ownerReferences ?? [],
  };
}

test('what matches and is nobody’s is taken in, and keeps its other owners', async (t) => {
  const world = await newWorld(pod('a', { owners: [friend] }));
  await world.reconcile();
  t.deepEqual(world.ownersOf('a'), [friend, reference]);
  t.deepEqual(world.members(), ['a']);
  t.deepEqual(world.told, ['Normal Adopted: Adopted Pod a']);
});

test('what matches no more is let go, and keeps its other owners', async (t) => {
  const world = await newWorld(pod('a', { app: 'other', owners: [reference, friend] }));
  await world.reconcile();
  t.deepEqual(world.ownersOf('a'), [friend]);
  t.deepEqual(world.told, [
    'Normal Released: Released Pod a: its labels do not match the selector any more',
  ]);
});

const untouched: [what: string, object: Pod][] = [
  ['another’s', pod('a', { owners: [{ ...reference, uid: 'uid-of-another' }] })],
  ['of another namespace', pod('a', { namespace: 'elsewhere' })],
  ['of other labels and nobody’s', pod('a', { app: 'other' })],
  ['nobody’s and on its way out', pod('a', { deletionTimestamp: '2030-01-01T00:00:00Z' })],
  [
    'let go soon and on its way out',
    pod('a', { app: 'other', owners: [reference], deletionTimestamp: '2030-01-01T00:00:00Z' }),
  ],
  ['taken in already', pod('a', { owners: [reference] })],
];

for (const [what, object] of untouched) {
  test(`no request for what is ${what}`, async (t) => {
    const world = await newWorld(object);
    await world.reconcile();
    t.deepEqual(world.client.requests, []);
  });
}

test('an owner that is gone, or about to go, takes nothing in', async (t) => {
  const gone = await newWorld(pod('a'));
  await gone.client.delete(fleets, key);
  await gone.reconcile();

  const going = await newWorld(pod('a'));
  const deletionTimestamp = '2030-01-01T00:00:00Z';
  await going.client.patch(fleets, key, { metadata: { deletionTimestamp } });
  await going.reconcile();

  const another = await newWorld(pod('a'));
  await another.client.delete(fleets, key);
  const metadata = { ...fleet.metadata, uid: 'uid-of-the-next' };
  await another.client.create(fleets, { ...fleet, metadata });
  await another.reconcile();
  for (const { ownersOf } of [gone, going, another]) t.deepEqual(ownersOf('a'), []);
});

test('who has changed meanwhile is left for the next time', async (t) => {
  const world = await newWorld(pod('a'), pod('b'));
  await world.client.patch(
    pods,
    { namespace: 'default', name: 'a' },
    { metadata: { ownerReferences: [{ ...reference, uid: 'uid-of-another' }] } },
  );
  await world.reconcile();
  t.is(world.ownersOf('a')[0]?.uid, 'uid-of-another');
  t.deepEqual(world.members(), ['b']);
  t.is(world.told.length, 1);
});

test('a failure that is nobody’s haste is a failure', async (t) => {
  const world = await newWorld(pod('a'));
  world.client.intercept = (request) => {
    if (request.startsWith('patch')) throw new Error('no answer');
  };
  await t.throwsAsync(world.reconcile(), { message: 'no answer' });
});

test('changes concern the controller; without one, all that would take the object in', async (t) => {
  const { ownership } = await newWorld();
  t.deepEqual(ownership.ownersOf(pod('a')), [key]);
  t.deepEqual(ownership.ownersOf(pod('a', { app: 'other' })), []);
  t.deepEqual(ownership.ownersOf(pod('a', { app: 'other', owners: [reference] })), [key]);
  const foreign = { ...reference, apiVersion: 'elsewhere.com/v1' };
  t.deepEqual(ownership.ownersOf(pod('a', { owners: [foreign] })), []);
});
