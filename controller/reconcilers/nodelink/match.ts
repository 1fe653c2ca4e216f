/** Which Node is the instance of which Machine: pure, on what the caches know. */
import type { Node } from '#api/core.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { Indexes, Store } from '#runtime/cache/store.ts';
import { formatKey, keyOf } from '#runtime/client/object-key.ts';

/** Indexes of Machines and of Nodes. */
const byProviderID = 'nodelink.providerID';
const byAddress = 'nodelink.address';

export const machineIndexes: Indexes<Machine> = {
  [byProviderID]: (machine) => someOf(machine.spec?.providerID),
  [byAddress]: (machine) => internalIPs(machine),
};

export const nodeIndexes: Indexes<Node> = {
  [byProviderID]: (node) => someOf(node.spec?.providerID),
  [byAddress]: (node) => internalIPs(node),
};

export interface Stores {
  readonly machines: Pick<Store<Machine>, 'byIndex'>;
  readonly nodes: Pick<Store<Node>, 'byIndex'>;
}

export type Match =
  | { readonly type: 'none' }
  | { readonly type: 'linked'; readonly machine: Machine }
  /** A sentence about who competes for what; nothing is to be linked, and nothing unlinked. */
  | { readonly type: 'ambiguous'; readonly message: string };

/** A Node and a Machine belong together when each is the only one that fits the other. */
export function matchOf(node: Node, stores: Stores): Match {
  const machines = machinesFor(node, stores);
  const [machine] = machines;
  if (machine === undefined) return { type: 'none' };
  const nodes = nodesFor(machine, stores);
  if (!nodes.some(({ metadata }) => metadata.name === node.metadata.name)) return { type: 'none' };
  if (machines.length === 1 && nodes.length === 1) return { type: 'linked', machine };
  const rivals = machines.length > 1 ? list('Machines', machines) : list('Nodes', nodes);
  const wanted = machines.length > 1 ? `Node ${nameOf(node)}` : `Machine ${nameOf(machine)}`;
  return { type: 'ambiguous', message: `${wanted} fits ${rivals}: none is linked` };
}

/** All that may have to be looked at again when a Machine changes. */
export function nodesFor(machine: Machine, { nodes }: Stores): Node[] {
  const same = someOf(machine.spec?.providerID).flatMap((id) => nodes.byIndex(byProviderID, id));
  if (same.length > 0) return same;
  const near = internalIPs(machine).flatMap((address) => nodes.byIndex(byAddress, address));
  return [...new Set(near)].filter((node) => mayBelong(machine, node));
}

function machinesFor(node: Node, { machines }: Stores): Machine[] {
  const same = someOf(node.spec?.providerID).flatMap((id) => machines.byIndex(byProviderID, id));
  if (same.length > 0) return same;
  const near = internalIPs(node).flatMap((address) => machines.byIndex(byAddress, address));
  return [...new Set(near)].filter((machine) => mayBelong(machine, node));
}

/** Nodes that the same Machines may want. */
export function rivalsOf(node: Node, { nodes }: Stores): Node[] {
  return [
    ...someOf(node.spec?.providerID).flatMap((id) => nodes.byIndex(byProviderID, id)),
    ...internalIPs(node).flatMap((address) => nodes.byIndex(byAddress, address)),
  ];
}

/**
 * Addresses are handed out again, provider IDs are not: an address links only what no provider IDs tell
 * apart, such as the Nodes of kubemarks before 1.16, which have none.
 */
function mayBelong(machine: Machine, node: Node): boolean {
  return !machine.spec?.providerID || !node.spec?.providerID;
}

/** Never the empty one, which others have written. */
function internalIPs({ status }: Machine | Node): string[] {
  const addresses: { type: string; address: string }[] = status?.addresses ?? [];
  return addresses
    .filter(({ type, address }) => type === 'InternalIP' && address !== '')
    .map(({ address }) => address);
}

function someOf(value: string | undefined): string[] {
  return value ? [value] : [];
}

const nameOf = (object: Machine | Node): string => formatKey(keyOf(object));

function list(kind: string, objects: readonly (Machine | Node)[]): string {
  return `${objects.length} ${kind} (${objects.map(nameOf).toSorted().slice(0, 5).join(', ')})`;
}
