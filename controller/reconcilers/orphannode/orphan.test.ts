import test from 'ava';
import type { Node, Pod } from '#api/core.ts';
import { staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { isAlive, isHollow, isOfOthers, nodeNamesOf, silentSince } from './orphan.ts';

const node = (overrides: Pick<Node, 'spec' | 'status'> = {}, annotations = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', annotations },
  ...overrides,
});

const machine = (overrides: Partial<Machine>): Machine => ({
  apiVersion: 'machine.openshift.io/v1beta1',
  kind: 'Machine',
  metadata: {},
  ...overrides,
});

const pod = (phase?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {},
  ...(phase !== undefined && { status: { phase } }),
});

for (const [providerID, expected] of [
  ['kubemark://n1', true],
  ['kubemark://n2', false],
  ['kubemark://', false],
  ['kubemark:///n1', false],
  ['aws:///us-east-1a/n1', false],
  ['n1', false],
  ['', false],
] as const) {
  test(`a Node n1 of provider ID "${providerID}" is ${expected ? '' : 'not '}hollow`, (t) => {
    t.is(isHollow(node({ spec: { providerID } })), expected);
  });
}

test('a Node without provider ID is not hollow', (t) => {
  t.false(isHollow(node()));
  t.false(isHollow({ apiVersion: 'v1', kind: 'Node', metadata: {} }));
});

const owners: [annotations: Record<string, string>, namespace: string, isOfOthers: boolean][] = [
  [{}, '', false],
  [{ note: 'x', 'node.alpha.kubernetes.io/ttl': '0' }, '', false],
  [{ 'machine.openshift.io/machine': 'default/a' }, '', false],
  [{ 'machine.openshift.io/machine': 'default/a' }, 'default', false],
  [{ 'machine.openshift.io/machine': 'default/a' }, 'other', true],
  [{ 'machine.openshift.io/machine': 'a' }, 'other', true],
  [{ 'cluster.k8s.io/machine': 'default/a' }, '', true],
  [{ 'cluster.x-k8s.io/machine': 'capk-0' }, '', true],
];

for (const [annotations, namespace, expected] of owners) {
  const what = `a Node with ${JSON.stringify(annotations)}`;
  test(`${what} is ${expected ? 'not ' : ''}for a manager of "${namespace}" to judge`, (t) => {
    const domain = { groups: ['machine.openshift.io'], namespace };
    t.is(isOfOthers(node({}, annotations), domain), expected);
  });
}

test('a Machine stands for the Nodes of its provider ID, its reference and its annotation', (t) => {
  t.deepEqual(nodeNamesOf(machine({})), []);
  t.deepEqual(nodeNamesOf(machine({ spec: { providerID: 'aws:///a' } })), []);
  const metadata = { annotations: { [staticMachineAnnotation]: 'c' } };
  const status = { nodeRef: { kind: 'Node', name: 'b', uid: '1' } };
  const spec = { providerID: 'kubemark://a' };
  t.deepEqual(nodeNamesOf(machine({ metadata, spec, status })), ['a', 'b', 'c']);
  t.deepEqual(nodeNamesOf(machine({ spec: { providerID: 'kubemark://b' }, status })), ['b']);
});

const conditions: [status: string, since: string | undefined, expected: number | undefined][] = [
  ['True', '2030-01-01T00:00:00Z', undefined],
  ['False', '2030-01-01T00:00:00Z', undefined],
  ['Unknown', '2030-01-01T00:00:00Z', Date.UTC(2030, 0, 1)],
  ['Unknown', 'yesterday', undefined],
  ['Unknown', undefined, undefined],
];

for (const [status, since, expected] of conditions) {
  test(`a Node is silent since ${expected} when it is ${status} since ${since}`, (t) => {
    const ready = { type: 'Ready', status, ...(since && { lastTransitionTime: since }) };
    const pressure = { type: 'MemoryPressure', status: 'Unknown', lastTransitionTime: since ?? '' };
    t.is(silentSince(node({ status: { conditions: [pressure, ready] } })), expected);
  });
}

test('a Node that says nothing about itself is not silent', (t) => {
  t.is(silentSince(node()), undefined);
  t.is(silentSince(node({ status: { conditions: [] } })), undefined);
});

test('a Pod is alive until it has ended', (t) => {
  t.true([undefined, 'Pending', 'Running', 'Unknown'].every((phase) => isAlive(pod(phase))));
  t.false([pod('Failed'), pod('Succeeded')].some(isAlive));
});
