import test from 'ava';
import type { Pod } from '#api/core.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { replicaSets } from '../objects/kinds.ts';
import { Expectations } from './expectations.ts';
import type { Replicated } from './replicas.ts';
import { desiredPod, nextAvailability, replicaStatus, surplus } from './replicas.ts';

const time = (seconds: number): string => new Date(seconds * 1000).toISOString();

function pod(name: string, { node = 'n', ready = true, created = 0, labels = {} } = {}): Pod {
  const condition = {
    type: 'Ready',
    status: ready ? 'True' : 'False',
    lastTransitionTime: time(created),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, creationTimestamp: time(created), labels },
    spec: { containers: [], ...(node && { nodeName: node }) },
    status: { conditions: [condition] },
  };
}

const owner: Replicated = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default', uid: 'u', generation: 2 },
  spec: {
    minReadySeconds: 10,
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    },
  },
};

test('unbound Pods go first, then those that are not Ready, then the newest', (t) => {
  const pods = [
    pod('old'),
    pod('new', { created: 9 }),
    pod('starting', { ready: false, created: 1 }),
    pod('unbound', { node: '', created: 1 }),
  ];
  t.deepEqual(
    surplus(pods, 0).map(({ metadata }) => metadata.name),
    ['unbound', 'starting', 'new', 'old'],
  );
  t.deepEqual(
    surplus(pods, 3).map(({ metadata }) => metadata.name),
    ['unbound'],
  );
  t.deepEqual(surplus(pods, 9), []);
});

test('a Pod comes from the template and belongs to its owner', (t) => {
  t.deepEqual(desiredPod(replicaSets, owner), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'web-',
      namespace: 'default',
      labels: { app: 'web' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web',
          uid: 'u',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
});

test('a Pod is available once it has been Ready for minReadySeconds', (t) => {
  const pods = [
    pod('a', { labels: { app: 'web' } }),
    pod('b', { created: 5 }),
    pod('c', { ready: false }),
  ];
  t.deepEqual(replicaStatus(owner, pods, 12_000), {
    replicas: 3,
    fullyLabeledReplicas: 1,
    readyReplicas: 2,
    availableReplicas: 1,
    observedGeneration: 2,
  });
  t.is(nextAvailability(owner, pods, 12_000), 3_000);
  t.is(nextAvailability(owner, pods, 15_000), undefined);
});

test('expectations are met one by one', (t) => {
  const expectations = new Expectations(new FakeClock());
  t.is(expectations.rest('u'), 0);
  expectations.expectCreation('u');
  expectations.expectDeletion('u', 'p');
  t.not(expectations.rest('u'), 0);
  expectations.created('u');
  expectations.created('u');
  expectations.deleted('u', 'other');
  t.not(expectations.rest('u'), 0);
  expectations.deleted('u', 'p');
  t.is(expectations.rest('u'), 0);
});

test('after five minutes nothing is expected any more', async (t) => {
  const clock = new FakeClock();
  const expectations = new Expectations(clock);
  expectations.expectCreation('u');
  await clock.advance(299_000);
  t.is(expectations.rest('u'), 1_000);
  await clock.advance(1_000);
  t.is(expectations.rest('u'), 0);
});
