import test from 'ava';
import type { Node } from '#api/core.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { IndexedStore } from '#runtime/cache/store.ts';
import { machineIndexes, matchOf, nodeIndexes } from './match.ts';

interface Traits {
  id?: string;
  ip?: string;
}

function machine(name: string, { id, ip }: Traits): Machine {
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: { namespace: 'default', name },
    spec: { ...(id !== undefined && { providerID: id }) },
    status: { ...(ip !== undefined && { addresses: [{ type: 'InternalIP', address: ip }] }) },
  };
}

function node(name: string, { id, ip }: Traits): Node {
  const hostname = { type: 'Hostname', address: name };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { ...(id !== undefined && { providerID: id }) },
    status: {
      addresses: [hostname, ...(ip === undefined ? [] : [{ type: 'InternalIP', address: ip }])],
    },
  };
}

/** What the Node `n` is found to be. */
function match(nodes: Node[], machines: Machine[]): string {
  const stores = {
    nodes: new IndexedStore<Node>(nodeIndexes),
    machines: new IndexedStore<Machine>(machineIndexes),
  };
  for (const each of nodes) stores.nodes.set(each);
  for (const each of machines) stores.machines.set(each);
  const [first] = nodes;
  const found = matchOf(first!, stores);
  if (found.type === 'linked') return found.machine.metadata.name ?? '';
  return found.type === 'ambiguous' ? found.message : found.type;
}

const id = 'kubemark://n';
const ip = '10.0.0.1';

const cases: [what: string, nodes: Node[], machines: Machine[], expected: string][] = [
  ['nothing in common', [node('n', { id, ip })], [machine('m', { id: 'kubemark://m' })], 'none'],
  ['one provider ID', [node('n', { id })], [machine('m', { id })], 'm'],
  [
    'one provider ID, and the address of another',
    [node('n', { id, ip })],
    [machine('other', { ip }), machine('m', { id })],
    'm',
  ],
  ['one address, no provider IDs', [node('n', { ip })], [machine('m', { ip })], 'm'],
  ['one address, an old kubemark', [node('n', { ip })], [machine('m', { id, ip })], 'm'],
  [
    'one address, handed out again',
    [node('n', { id: 'kubemark://gone', ip })],
    [machine('m', { id, ip })],
    'none',
  ],
  [
    'one address, but the machine has its Node by provider ID',
    [node('n', { ip }), node('own', { id })],
    [machine('m', { id, ip })],
    'none',
  ],
  ['empty values', [node('n', { id: '', ip: '' })], [machine('m', { id: '', ip: '' })], 'none'],
  [
    'two machines with the provider ID',
    [node('n', { id })],
    [machine('m', { id }), machine('copy', { id })],
    'Node n fits 2 Machines (default/copy, default/m): none is linked',
  ],
  [
    'two Nodes with the provider ID',
    [node('n', { id }), node('copy', { id })],
    [machine('m', { id })],
    'Machine default/m fits 2 Nodes (copy, n): none is linked',
  ],
  [
    'two Nodes with the address',
    [node('n', { ip }), node('stale', { ip })],
    [machine('m', { ip })],
    'Machine default/m fits 2 Nodes (n, stale): none is linked',
  ],
];

for (const [what, nodes, machines, expected] of cases) {
  test(`${what}: ${expected}`, (t) => {
    t.is(match(nodes, machines), expected);
  });
}
