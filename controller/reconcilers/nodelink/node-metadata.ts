/** What a Machine gives to its Node, and how it is taken back: pure. */
import type { Node } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { machineAnnotation, staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { formatKey, keyOf } from '#runtime/client/object-key.ts';

/**
 * On the Node: which keys came from the Machine, so that they can go with it and what others have put
 * there stays. Taints are `key:effect`.
 */
function recordNames({ group }: Kind) {
  return {
    labels: `${group}/labels-from-machine`,
    annotations: `${group}/annotations-from-machine`,
    taints: `${group}/taints-from-machine`,
  };
}

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

/**
 * Changes the draft of a Node into what its Machine, of this kind, wants; without a Machine, takes all of
 * it back. A static machine only adds: what its Node had before is not the machine's to change, and could
 * not be put back.
 */
export function dress(node: Node, kind: Kind<Machine>, machine: Machine | undefined): void {
  const link = machineAnnotation(kind);
  const fromMachine = recordNames(kind);
  const ownAnnotations = [link, ...Object.values(fromMachine)];
  const { metadata: { labels = {}, annotations = {} } = {}, taints = [] } = machine?.spec ?? {};
  const found = node.metadata.annotations ?? {};
  const isGuest = machine?.metadata.annotations?.[staticMachineAnnotation] !== undefined;
  const wantedAnnotations = entriesOf(annotations).filter(([key]) => !ownAnnotations.includes(key));
  const nextLabels = follow({
    found: entriesOf(node.metadata.labels),
    wanted: entriesOf(labels),
    record: found[fromMachine.labels],
    isGuest,
  });
  const nextAnnotations = follow({
    found: entriesOf(found),
    wanted: wantedAnnotations,
    record: found[fromMachine.annotations],
    isGuest,
  });
  const nextTaints = follow({
    found: (node.spec?.taints ?? []).map(withIdentity),
    wanted: taints.map(withIdentity),
    record: found[fromMachine.taints],
    isGuest,
    isSame: (one, other) => (one.value ?? '') === (other.value ?? ''), // timeAdded is not the Machine's
  });
  const records = {
    [link]: machine && formatKey(keyOf(machine)),
    [fromMachine.labels]: nextLabels.own,
    [fromMachine.annotations]: nextAnnotations.own,
    [fromMachine.taints]: nextTaints.own,
  };
  if (node.metadata.labels !== undefined || nextLabels.entries.size > 0) {
    node.metadata.labels = Object.fromEntries(nextLabels.entries);
  }
  node.metadata.annotations = withRecords(Object.fromEntries(nextAnnotations.entries), records);
  if (node.spec?.taints !== undefined || nextTaints.entries.size > 0) {
    node.spec = { ...node.spec, taints: [...nextTaints.entries.values()] };
  }
}

interface Wishes<Value> {
  found: readonly [string, Value][];
  wanted: readonly [string, Value][];
  /** The keys of what was wanted before. */
  record: string | undefined;
  /** Whether what others have put there wins. */
  isGuest: boolean;
  isSame?: (one: Value, other: Value) => boolean;
}

/**
 * What others have put there with the very value that is wanted stays theirs; with another value, the
 * Machine's wins, unless it is a guest, and is its own from then on.
 */
function follow<Value>({ found, wanted, record, isGuest, isSame = Object.is }: Wishes<Value>): {
  entries: Map<string, Value>;
  own: string | undefined;
} {
  const entries = new Map(found);
  const before = new Set(record?.split(','));
  const own: string[] = [];
  const wishes = new Map(wanted);
  for (const key of before) if (!wishes.has(key)) entries.delete(key);
  for (const [key, value] of wishes) {
    const current = entries.get(key);
    const isTheirs = current !== undefined && !before.has(key);
    if (isTheirs && (isGuest || isSame(current, value))) continue;
    if (current === undefined || !isSame(current, value)) entries.set(key, value);
    own.push(key);
  }
  return { entries, own: own.length > 0 ? own.toSorted().join(',') : undefined };
}

function withRecords(
  annotations: Record<string, string>,
  records: Record<string, string | undefined>,
): Record<string, string> {
  for (const [key, value] of Object.entries(records)) {
    if (value === undefined) delete annotations[key];
    else annotations[key] = value;
  }
  return annotations;
}

function entriesOf(map: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(map ?? {});
}

/** A Node has one taint at most of each key and effect. */
function withIdentity(taint: Taint): [string, Taint] {
  return [`${taint.key}:${taint.effect}`, taint];
}
