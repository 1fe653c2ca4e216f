import test from 'ava';
import type { DeletePolicy } from '#api/machine/v1beta1/machine-set.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { deletionOrder } from './deletion-order.ts';

interface Traits {
  annotations?: Record<string, string>;
  status?: Machine['status'];
  /** Days since the epoch. */
  created?: number;
}

const day = 86_400_000;

function machine(name: string, { annotations = {}, status, created = 10 }: Traits = {}): Machine {
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: {
      name,
      uid: name,
      annotations,
      creationTimestamp: new Date(created * day).toISOString(),
    },
    status: { nodeRef: { name }, ...status },
  };
}

const namesOf = (machines: readonly Machine[], policy?: DeletePolicy): (string | undefined)[] =>
  deletionOrder(machines, policy).map(({ metadata }) => metadata.name);

const marked = machine('marked', { annotations: { 'machine.openshift.io/delete-machine': 'yes' } });
const markedOfOld = machine('marked-of-old', {
  annotations: { 'machine.openshift.io/cluster-api-delete-machine': '1' },
  created: 5000,
});
const failed = machine('failed', { status: { phase: 'Failed' }, created: 4000 });
const erred = machine('erred', { status: { errorMessage: 'no' }, created: 3000 });
const young = machine('young', { created: 2000 });
const old = machine('old', { created: 1 });
const all = [old, young, erred, failed, markedOfOld, marked];

test('Newest: marked, then failed, then the youngest first', (t) => {
  const order = ['marked-of-old', 'marked', 'failed', 'erred', 'young', 'old'];
  t.deepEqual(namesOf(all, 'Newest'), order);
});

test('Oldest: marked, then failed, then the oldest first', (t) => {
  const order = ['marked', 'marked-of-old', 'erred', 'failed', 'old', 'young'];
  t.deepEqual(namesOf(all, 'Oldest'), order);
});

test('Random, also when it is not said: marked, then failed, then without a Node', (t) => {
  const { status: _, ...nodeless } = machine('nodeless');
  const order = namesOf([old, young, nodeless, failed, marked]);
  t.deepEqual(order.slice(0, 3), ['marked', 'failed', 'nodeless']);
  t.deepEqual(new Set(order.slice(3)), new Set(['old', 'young']));
});

test('Random takes those first that are not available; ages do not care', (t) => {
  const order = (policy: DeletePolicy): Machine[] =>
    deletionOrder([old, young], policy, (one) => one !== young);
  t.deepEqual(order('Random'), [young, old]);
  t.deepEqual(order('Oldest'), [old, young]);
});

test('Random knows neither age nor alphabet, and is the same whatever order it is shown', (t) => {
  const machines = Array.from({ length: 20 }, (_, index) =>
    machine(`worker-${String(index).padStart(2, '0')}`, { created: index }),
  );
  const order = namesOf(machines, 'Random');
  const byAge = machines.map(({ metadata }) => metadata.name);
  t.notDeepEqual(order, byAge);
  t.notDeepEqual(order, byAge.toReversed());
  t.deepEqual(namesOf(machines.toReversed(), 'Random'), order);
});

test('ages differ however great they are', (t) => {
  const ancient = [1, 2, 3].map((created) => machine(`of-day-${created}`, { created }));
  t.deepEqual(namesOf(ancient, 'Oldest'), ['of-day-1', 'of-day-2', 'of-day-3']);
  t.deepEqual(namesOf(ancient, 'Newest'), ['of-day-3', 'of-day-2', 'of-day-1']);
});

test('an annotation without a value marks nothing', (t) => {
  const blank = machine('blank', { annotations: { 'machine.openshift.io/delete-machine': '' } });
  t.deepEqual(namesOf([blank, old], 'Oldest'), ['old', 'blank']);
});
