import test from 'ava';
import type { Node, Pod } from '#api/core.ts';
import type { ObjectMeta } from '#api/meta.ts';
import { ClusterView } from './cluster-view.ts';
import { placePod } from './placement.ts';

type PodSpec = NonNullable<Pod['spec']>;
let uid = 0;

function node(
  name: string,
  more: { labels?: Record<string, string>; spec?: Node['spec'] } = {},
): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: more.labels ?? {} },
    ...(more.spec && { spec: more.spec }),
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '3', 'ephemeral-storage': '0' } },
  };
}

function pod(spec: Partial<PodSpec> = {}, metadata: ObjectMeta = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', uid: String(uid++), ...metadata },
    spec: { containers: [{ name: 'c' }], ...spec },
  };
}

const asking = (requests: Record<string, string>): Partial<PodSpec> => ({
  containers: [{ name: 'c', resources: { requests } }],
});

const requiring = (key: string, operator: string, ...values: string[]): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }],
      },
    },
  },
});

function cluster(nodes: Node[], bound: Pod[] = []): ClusterView {
  const view = new ClusterView();
  for (const each of nodes) view.setNode(each);
  for (const each of bound) view.setPod(each);
  return view;
}

const tainted = (key: string, effect: string): Node['spec'] => ({ taints: [{ key, effect }] });

const places = test.macro<[Pod, Node[], Pod[], string]>((t, given, nodes, bound, expected) => {
  const result = placePod(given, cluster(nodes, bound).nodes());
  t.is('nodeName' in result ? result.nodeName : result.failure, expected);
});

const plain = [node('a'), node('b')];

test('no nodes at all', places, pod(), [], [], 'no nodes available to schedule pods');
test('the first of equals', places, pod(), plain, [], 'a');
test('the emptier node', places, pod(), plain, [pod({ nodeName: 'a' })], 'b');
test(
  'the node with more room left',
  places,
  pod(asking({ cpu: '1' })),
  plain,
  [pod({ nodeName: 'a', ...asking({ cpu: '500m' }) }), pod({ nodeName: 'b' })],
  'b',
);
const mine = {
  ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x', controller: true }],
};
test(
  'away from Pods of the same controller, even to a fuller node',
  places,
  pod({}, mine),
  plain,
  [pod({ nodeName: 'a' }, mine), pod({ nodeName: 'b', ...asking({ cpu: '1' }) })],
  'b',
);
test(
  'a PreferNoSchedule taint is avoided',
  places,
  pod(),
  [node('a', { spec: tainted('k', 'PreferNoSchedule') }), node('b')],
  [pod({ nodeName: 'b' })],
  'b',
);
test(
  'a PreferNoSchedule taint does not forbid',
  places,
  pod(),
  [node('a', { spec: tainted('k', 'PreferNoSchedule') })],
  [],
  'a',
);
test(
  'refusals are counted by reason, in alphabetical order',
  places,
  pod(asking({ cpu: '3', memory: '1Ti' })),
  [
    ...plain,
    node('c', { spec: { unschedulable: true } }),
    node('d', { spec: tainted('k', 'NoExecute') }),
  ],
  [],
  '0/4 nodes are available: 1 node(s) had untolerated taint {k: }, 1 node(s) were unschedulable, 2 Insufficient cpu, 2 Insufficient memory.',
);
test(
  'the slots for Pods are a resource',
  places,
  pod(),
  [node('a')],
  [1, 2, 3].map(() => pod({ nodeName: 'a' })),
  '0/1 nodes are available: 1 Too many pods.',
);
test(
  'finished Pods hold nothing',
  places,
  pod(),
  [node('a')],
  [1, 2, 3].map(() => ({ ...pod({ nodeName: 'a' }), status: { phase: 'Succeeded' } })),
  'a',
);
test(
  'a resource that no node has',
  places,
  pod(asking({ 'a.b/gpu': '1', 'ephemeral-storage': '0' })),
  [node('a')],
  [],
  '0/1 nodes are available: 1 Insufficient a.b/gpu.',
);
test(
  'a toleration of the taint',
  places,
  pod({ tolerations: [{ key: 'k', operator: 'Exists' }] }),
  [node('a', { spec: tainted('k', 'NoSchedule') })],
  [],
  'a',
);
test(
  'a toleration of the cordon',
  places,
  pod({ tolerations: [{ operator: 'Exists' }] }),
  [node('a', { spec: { unschedulable: true } })],
  [],
  'a',
);

const zoned = [node('a', { labels: { zone: '1' } }), node('b', { labels: { zone: '2' } })];
const mismatch = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.";
test('nodeSelector', places, pod({ nodeSelector: { zone: '2' } }), zoned, [], 'b');
test(
  'nodeSelector without match',
  places,
  pod({ nodeSelector: { zone: '3' } }),
  zoned,
  [],
  mismatch,
);
test('affinity In', places, pod(requiring('zone', 'In', '2', '3')), zoned, [], 'b');
test('affinity NotIn', places, pod(requiring('zone', 'NotIn', '1')), zoned, [], 'b');
test('affinity Exists', places, pod(requiring('rack', 'Exists')), zoned, [], mismatch);
test('affinity DoesNotExist', places, pod(requiring('zone', 'DoesNotExist')), zoned, [], mismatch);
test('affinity Gt', places, pod(requiring('zone', 'Gt', '1')), zoned, [], 'b');
test('affinity Lt', places, pod(requiring('zone', 'Lt', '2')), zoned, [], 'a');
test(
  'affinity Gt of a label that is no number',
  places,
  pod(requiring('zone', 'Gt', '1')),
  [node('a', { labels: { zone: 'x' } }), node('b')],
  [],
  mismatch,
);
test(
  'affinity to the name of the node',
  places,
  pod({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] },
          ],
        },
      },
    },
  }),
  zoned,
  [],
  'b',
);
test(
  'an empty term matches no node',
  places,
  pod({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] },
      },
    },
  }),
  zoned,
  [],
  mismatch,
);

test('an assumed Pod counts until it is removed, and only once when the watch shows it', (t) => {
  const view = cluster([node('a')]);
  const big = pod(asking({ cpu: '2' }));
  view.assume(big, 'a');
  view.setPod(big); // an update from before the binding
  view.setPod({
    ...big,
    spec: { ...big.spec, containers: big.spec?.containers ?? [], nodeName: 'a' },
  });
  t.true(view.isPlaced(big));
  t.deepEqual([...view.nodes()][0]?.claims.requested, { cpu: 2000 });
  view.removePod(big);
  t.false(view.isPlaced(big));
  t.deepEqual([...view.nodes()][0]?.claims, { requested: {}, pods: 0, siblings: new Map() });
});

test('what is claimed on a node survives the node: it may come back', (t) => {
  const view = cluster([node('a')], [pod({ nodeName: 'a' })]);
  view.removeNode(node('a'));
  t.deepEqual([...view.nodes()], []);
  view.setNode(node('a'));
  t.is([...view.nodes()][0]?.claims.pods, 1);
});
