import test from 'ava';
import type { Node } from '#api/core.ts';
import { staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import { machines, type Machine, type MachineSpec } from '#api/machine/v1beta1/machine.ts';
import { mergePatch } from '#runtime/client/merge-patch.ts';
import { dress } from './node-metadata.ts';

function machine(spec: MachineSpec): Machine {
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: { namespace: 'default', name: 'worker' },
    spec,
  };
}

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
const bare: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'n',
    labels: { 'kubernetes.io/hostname': 'n', pool: 'old' },
    annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
  },
  spec: { taints: [notReady] },
};

/** The Node after each of these specs in turn; the last may take everything back. */
function after(node: Node, ...specs: (MachineSpec | undefined)[]): Node {
  const dressed = structuredClone(node);
  for (const spec of specs) dress(dressed, machines, spec && machine(spec));
  return dressed;
}

const dedicated = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };
const rich: MachineSpec = {
  metadata: { labels: { pool: 'gpu', zone: 'a' }, annotations: { note: 'x' } },
  taints: [dedicated],
};

test('a Node gets what its Machine has for it, beside its own', (t) => {
  const { metadata, spec } = after(bare, rich);
  t.deepEqual(metadata.labels, { 'kubernetes.io/hostname': 'n', pool: 'gpu', zone: 'a' });
  t.like(metadata.annotations, {
    ...bare.metadata.annotations,
    note: 'x',
    'machine.openshift.io/machine': 'default/worker',
  });
  t.deepEqual(spec?.taints, [...(bare.spec?.taints ?? []), dedicated]);
});

test('doing it twice changes nothing', (t) => {
  const once = after(bare, rich);
  t.is(mergePatch(once, after(once, rich)), undefined);
});

test('a change of the Machine is followed, a removal too', (t) => {
  const tainted = { ...dedicated, value: 'cpu' };
  const { metadata, spec } = after(bare, rich, {
    metadata: { labels: { zone: 'b' } },
    taints: [tainted],
  });
  t.deepEqual(metadata.labels, { 'kubernetes.io/hostname': 'n', zone: 'b' });
  t.false('note' in (metadata.annotations ?? {}));
  t.deepEqual(spec?.taints?.at(-1), tainted);
});

test('all of it is taken back, and nothing else', (t) => {
  const undressed = after(bare, rich, undefined);
  const { pool: _, ...labels } = bare.metadata.labels ?? {};
  t.deepEqual(undressed, { ...bare, metadata: { ...bare.metadata, labels } });
});

test('what was there with the same value stays when the Machine no longer asks for it', (t) => {
  const taints = [{ ...dedicated, timeAdded: '2030-01-01T00:00:00Z' }];
  const same = { ...bare, spec: { taints } };
  const spec = { metadata: { labels: { pool: 'old' } }, taints: [dedicated] };
  t.deepEqual(after(same, spec, spec, undefined), same);
});

test('what somebody removed or changed by hand comes back', (t) => {
  const edited = after(bare, rich);
  edited.metadata.labels = { zone: 'odd' };
  edited.spec = { taints: [] };
  const { metadata, spec } = after(edited, rich);
  t.deepEqual(metadata.labels, { pool: 'gpu', zone: 'a' });
  t.deepEqual(spec?.taints, [dedicated]);
});

test('a static machine adds to its Node and overwrites nothing, so that all can be as it was', (t) => {
  const annotations = { [staticMachineAnnotation]: 'n' };
  const worker = machine({ ...rich, taints: [dedicated, { ...notReady, value: 'x' }] });
  const guest = { ...worker, metadata: { ...worker.metadata, annotations } };
  const dressed = structuredClone(bare);
  dress(dressed, machines, guest);
  t.deepEqual(dressed.metadata.labels, { ...bare.metadata.labels, zone: 'a' });
  t.deepEqual(dressed.spec?.taints, [notReady, dedicated]);
  const again = structuredClone(dressed);
  dress(again, machines, guest);
  t.deepEqual(again, dressed);
  dress(again, machines, undefined);
  t.deepEqual(again, bare);
});

test('a taint of the same key with another effect is another taint', (t) => {
  const noExecute = { ...dedicated, effect: 'NoExecute' };
  t.deepEqual(after(bare, { taints: [dedicated, noExecute] }).spec?.taints?.slice(1), [
    dedicated,
    noExecute,
  ]);
});

test('a Machine cannot forge the link or the records', (t) => {
  const annotations = {
    'machine.openshift.io/machine': 'kube-system/other',
    'machine.openshift.io/labels-from-machine': 'kubernetes.io/hostname',
  };
  const forged = after(bare, { metadata: { annotations } }, { metadata: { annotations } });
  t.is(forged.metadata.annotations?.['machine.openshift.io/machine'], 'default/worker');
  t.is(forged.metadata.labels?.['kubernetes.io/hostname'], 'n');
});

test('a Node without labels, annotations and taints is given none that are empty', (t) => {
  const naked: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } };
  t.deepEqual(after(naked, {}), {
    ...naked,
    metadata: { name: 'n', annotations: { 'machine.openshift.io/machine': 'default/worker' } },
  });
});
