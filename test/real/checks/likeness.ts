import type { ExecutionContext } from 'ava';
import type { Lease, Node, Pod } from '#api/core.ts';
import { pods } from '#api/core.ts';
import type { Cluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { newPod } from '../harness/objects.ts';
import { Stage } from '../harness/stage.ts';
import { hollowNode, kubemark } from '../subjects.ts';
import { create, gone, runningPod } from './pods.ts';

/** Where ours differs from kubemark 1.20, and why. Whatever is not here must be the same. */
const knownDifferences: Readonly<Record<string, string>> = {
  'node.status.nodeInfo.kubeProxyVersion': 'claims to be 1.32',
  'node.status.nodeInfo.kubeletVersion': 'claims to be 1.32',
  'running.status.podIP': 'an address of its own for each Pod',
  'running.status.podIPs.0.ip': 'an address of its own for each Pod',
  'onHost.status.podIP': "the node's, which is the Pod's too",
  'onHost.status.podIPs.0.ip': "the node's, which is the Pod's too",
  'deleted.status.podIP': 'an address of its own for each Pod',
  'deleted.status.podIPs.0.ip': 'an address of its own for each Pod',
  'deleted.status.phase': 'since 1.27 Pods reach a final phase before they are deleted',
  'deleted.status.conditions.1.reason': 'PodCompleted, which goes with that phase',
  'deleted.status.conditions.1.message': 'PodCompleted, which goes with that phase',
  'deleted.status.conditions.2.reason': 'PodCompleted, which goes with that phase',
  'deleted.status.conditions.2.message': 'PodCompleted, which goes with that phase',
  'deleted.status.containerStatuses.0.state.terminated.reason': 'Completed, as runtimes say it',
  'deleted.status.containerStatuses.1.state.terminated.reason': 'Completed, as runtimes say it',
};

/** What others see of a node and of a Pod on it. */
interface Portrait {
  node: Node | undefined;
  lease: Lease | undefined;
  running: Pod;
  /** In the network of the node, and of another quality of service. */
  onHost: Pod;
  deleted: Pod | undefined;
  /** Who said what about the Node. */
  events: (string | undefined)[][];
}

/** Compares every field of the objects that a node of ours writes with those of a kubemark's. */
export async function compareObjects(t: ExecutionContext, cluster: Cluster): Promise<void> {
  const [ours, theirs] = await Promise.all(
    [hollowNode, kubemark].map((subject) => portray(new Stage(t, cluster, subject))),
  );
  const differing = Object.keys({ ...ours, ...theirs }).filter((path) => {
    return ours?.[path] !== theirs?.[path];
  });
  const unknown = differing.filter((path) => !(path in knownDifferences));
  t.deepEqual(
    unknown.map((path) => [path, ours?.[path]]),
    unknown.map((path) => [path, theirs?.[path]]),
    'differs, and nobody has written down why',
  );
  const vanished = Object.keys(knownDifferences).filter((path) => !differing.includes(path));
  t.deepEqual(vanished, [], 'does not differ any more');
}

/** The fields of a portrait by path, without what cannot be the same. */
async function portray(stage: Stage): Promise<Record<string, string>> {
  const { cluster } = stage;
  const node = await stage.startNode('portrait');
  await node.usable();
  await eventually('the lease belongs to the Node', () => node.lease?.metadata.ownerReferences);
  await eventually('there is an event', () => cluster.eventsAbout(node.name).length > 0);
  const { object, lease } = node; // before kubemark lists the images of its Pods
  const name = `${node.name}-pod`;
  const one = { name: 'one', image: 'example.com/one:1', resources: { requests: { cpu: '1m' } } };
  const readinessProbe = { exec: { command: ['true'] } };
  const two = { name: 'two', image: 'example.com/two', readinessProbe };
  await create(stage, newPod(name, node.name, { containers: [one, two] }));
  const running = await runningPod(stage, name);
  const same = { cpu: '1m', memory: '1Mi' };
  const three = { ...one, resources: { requests: same, limits: same } };
  const spec = { containers: [three], hostNetwork: true, restartPolicy: 'Never' };
  await create(stage, newPod(`${name}-on-host`, node.name, spec));
  const onHost = await runningPod(stage, `${name}-on-host`);
  await cluster.client.delete(pods, { namespace: 'default', name });
  await gone(stage, name);
  const portrait: Portrait = {
    node: object,
    lease,
    running,
    onHost,
    deleted: cluster.pods.history(name).at(-1),
    events: cluster.eventsAbout(node.name).map(({ reason, source }) => [source?.component, reason]),
  };
  return leavesOf(JSON.parse(anonymous(JSON.stringify(portrait), node.name)));
}

function anonymous(json: string, name: string): string {
  return json
    .replaceAll(name, 'NODE')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID')
    .replaceAll(/"resourceVersion":"\d+"/g, '"resourceVersion":"N"');
}

/** Every value that is no object, by its path; who manages which fields is left out. */
function leavesOf(value: unknown, path = ''): Record<string, string> {
  if (typeof value !== 'object' || value === null) return { [path]: JSON.stringify(value) };
  const entries = Object.entries(value).filter(([key]) => key !== 'managedFields');
  const leaves = entries.map(([key, child]) =>
    leavesOf(child, path === '' ? key : `${path}.${key}`),
  );
  return Object.assign({}, ...leaves);
}
