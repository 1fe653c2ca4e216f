/** What users type, with the real controllers at work behind the API server. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { eventually } from '../harness/eventually.ts';
import { Kubectl } from '../harness/kubectl.ts';
import type { Stage } from '../harness/stage.ts';
import type { Checks } from './check.ts';

export const kubectlChecks: Checks = {
  'apply -k, diff, scale, wait and get -w work on a ReplicaSet': async (t, stage) => {
    const { kubectl, folder, write } = await openFolder(t, stage, 'sizes');
    t.is(
      await kubectl.run('apply', '-k', folder),
      'namespace/sizes created\nconfigmap/sizes-settings created\nreplicaset.apps/sizes-app created\n',
    );
    t.regex(await kubectl.run('apply', '-k', folder), /replicaset.apps\/sizes-app unchanged/);
    t.deepEqual(await kubectl.try('diff', '-k', folder), { output: '', code: 0 });
    const waiting = ['wait', '--for=condition=Ready', 'pod', '-l', 'app=sizes', '--timeout=60s'];
    await eventually('there is a Pod', () => podsOf(stage, 'sizes').length === 1);
    t.regex(await kubectl.run(...waiting), /^pod\/sizes-app-\w+ condition met\n$/);

    await write(2);
    const { output, code } = await kubectl.try('diff', '-k', folder);
    t.is(code, 1);
    t.regex(output, /-  replicas: 1\n\+  replicas: 2/);
    const lines = kubectl.follow(t, 'get', 'pods', '-w');
    await eventually('the Pod there is listed', () => lines.length === 2);
    t.regex(await kubectl.run('apply', '-k', folder), /replicaset.apps\/sizes-app configured/);
    await eventually('the new Pod is shown as Running', () => {
      const [first = ''] = lines[1]?.split(' ') ?? [];
      return lines.some((line) => !line.startsWith(first) && / 1\/1 +Running /.test(line));
    });
    t.is(
      await kubectl.run('scale', 'rs/sizes-app', '--replicas=0'),
      'replicaset.apps/sizes-app scaled\n',
    );
    await kubectl.run('wait', '--for=delete', 'pod', '-l', 'app=sizes');
    await eventually('no Pod is left', () => podsOf(stage, 'sizes').length === 0);
    t.regex(
      await kubectl.run('describe', 'rs', 'sizes-app'),
      /SuccessfulDelete +\S+ +replicaset-controller/,
    );
  },

  'delete leaves or takes what belongs to it': async (t, stage) => {
    const { kubectl, folder } = await openFolder(t, stage, 'cascades');
    const start = async (): Promise<void> => {
      await kubectl.run('apply', '-k', folder);
      await eventually('there is a Pod', () => podsOf(stage, 'cascades').length === 1);
    };
    await start();
    await kubectl.run('delete', 'rs', 'cascades-app');
    await eventually('the Pod is collected', () => podsOf(stage, 'cascades').length === 0);
    await start();
    await kubectl.run('delete', 'rs', 'cascades-app', '--cascade=foreground');
    t.regex(await kubectl.run('get', 'pods'), /No resources found/);
    await start();
    await kubectl.run('delete', 'rs', 'cascades-app', '--cascade=orphan');
    const [orphan] = podsOf(stage, 'cascades');
    t.is(orphan?.metadata.ownerReferences, undefined);
    t.is(orphan?.metadata.deletionTimestamp, undefined);
    await kubectl.run('delete', 'namespace', 'cascades');
    t.deepEqual(podsOf(stage, 'cascades'), []);
    t.regex((await kubectl.try('get', 'namespace', 'cascades')).output, /\(NotFound\)/);
  },

  'drain empties a node, within the disruption budget, and uncordon opens it': async (t, stage) => {
    const { kubectl, folder, write, node } = await openFolder(t, stage, 'moves');
    await write(2);
    await kubectl.run('apply', '-k', folder);
    const budget = join(folder, 'budget.json');
    await writeFile(budget, JSON.stringify(await disruptionBudget(kubectl, 'moves')));
    await kubectl.run('apply', '-f', budget);
    await kubectl.run('wait', '--for=jsonpath={.status.currentHealthy}=2', '-f', budget);
    const refused = await kubectl.try('drain', node, '--timeout=3s');
    t.not(refused.code, 0);
    t.regex(refused.output, /Cannot evict pod as it would violate the pod's disruption budget/);
    await kubectl.run('delete', '-f', budget);
    t.regex(await kubectl.run('drain', node, '--timeout=60s'), new RegExp(`node/${node} drained`));
    await eventually('the new Pods wait', () => {
      const all = podsOf(stage, 'moves');
      return all.length === 2 && all.every(({ spec }) => spec?.nodeName === undefined);
    });
    t.regex(await kubectl.run('get', 'nodes'), new RegExp(`${node} +Ready,SchedulingDisabled`));
    t.is(await kubectl.run('uncordon', node), `node/${node} uncordoned\n`);
    await kubectl.run('wait', '--for=condition=Ready', 'pod', '-l', 'app=moves', '--timeout=60s');
  },

  'describe, explain and api-resources tell what there is': async (t, stage) => {
    const { kubectl, folder, node } = await openFolder(t, stage, 'tells');
    await kubectl.run('apply', '-k', folder);
    await eventually('the Pod is Running', () => {
      return podsOf(stage, 'tells')[0]?.status?.phase === 'Running';
    });
    const described = await kubectl.run('describe', 'node', node);
    t.regex(described, /Ready +True .* KubeletReady +kubelet is posting ready status/);
    t.regex(described, /Non-terminated Pods: +\(1 in total\)\n.*\n.*\n +tells +tells-app-/);
    t.regex(described, /cpu +400m \(40%\)/);
    t.regex(described, new RegExp(`HolderIdentity: +${node}`));
    t.regex(
      await kubectl.run('describe', 'pods'),
      /Scheduled .* Successfully assigned tells\/tells-app-/,
    );
    t.regex(await kubectl.run('explain', 'pod.spec.nodeName'), /nodeName <string>/);
    t.regex(await kubectl.run('api-resources'), /\nreplicasets +rs +apps\/v1 +true +ReplicaSet\n/);
    t.regex(await kubectl.run('get', 'all'), /replicaset.apps\/tells-app +1 +1 +1 /);
    t.regex(await kubectl.run('get', 'events'), /SuccessfulCreate/);
  },

  'label, annotate and patch change objects': async (t, stage) => {
    const { kubectl, folder } = await openFolder(t, stage, 'changes');
    await kubectl.run('apply', '-k', folder);
    const name = 'configmap/changes-settings';
    t.is(await kubectl.run('label', name, 'x=y'), `${name} labeled\n`);
    t.is((await kubectl.try('label', name, 'x=z')).code, 1, 'not without --overwrite');
    t.is(await kubectl.run('annotate', name, 'x=y'), `${name} annotated\n`);
    const patches = {
      strategic: '{"data":{"a":"1","b":"2"}}',
      merge: '{"data":{"a":null}}',
      json: '[{"op":"add","path":"/data/c","value":"3"}]',
    };
    for (const [type, patch] of Object.entries(patches)) {
      t.is(await kubectl.run('patch', name, `--type=${type}`, '-p', patch), `${name} patched\n`);
    }
    t.is(await kubectl.run('get', name, '-o', 'jsonpath={.data}'), '{"b":"2","c":"3","size":"1"}');
    // What others have added stays when the file is applied again.
    t.regex(
      await kubectl.run('apply', '-k', folder),
      /configmap\/changes-settings (configured|unchanged)/,
    );
    t.is(await kubectl.run('get', name, '-o', 'jsonpath={.data.b}{.metadata.labels.x}'), '2y');
  },
};

/** Two must stay. Before 1.21 there is only the beta version. */
async function disruptionBudget(kubectl: Kubectl, app: string): Promise<object> {
  const isStable = (await kubectl.run('api-versions')).split('\n').includes('policy/v1');
  return {
    apiVersion: isStable ? 'policy/v1' : 'policy/v1beta1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app },
    spec: { minAvailable: 2, selector: { matchLabels: { app } } },
  };
}

interface Folder {
  kubectl: Kubectl;
  /** Where the kustomization is. */
  folder: string;
  /** Writes its objects, for so many replicas. */
  write(this: void, replicas: number): Promise<void>;
  /** The only one where its Pods can be. */
  node: string;
}

/** A kustomization with a namespace, a ConfigMap and a ReplicaSet of one Pod, and a node for them. */
async function openFolder(t: ExecutionContext, stage: Stage, name: string): Promise<Folder> {
  const { cluster } = stage;
  const node = await stage.startNode(name);
  const folder = join(cluster.folder, `kustomization-${name}`);
  await mkdir(folder);
  const save = (file: string, object: object): Promise<void> =>
    writeFile(join(folder, file), JSON.stringify(object));
  await save('kustomization.yaml', {
    namespace: name,
    namePrefix: `${name}-`,
    resources: ['namespace.yaml', 'app.yaml'],
    configMapGenerator: [{ name: 'settings', literals: ['size=1'] }],
    generatorOptions: { disableNameSuffixHash: true },
  });
  await save('namespace.yaml', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const write = (replicas: number): Promise<void> =>
    save('app.yaml', replicaSet(name, node.name, replicas));
  await write(1);
  const kubectl = new Kubectl(cluster, name);
  t.teardown(() => kubectl.try('delete', 'namespace', name, '--wait=false'));
  await node.usable();
  return { kubectl, folder, write, node: node.name };
}

function replicaSet(app: string, node: string, replicas: number): object {
  const container = { name: 'main', image: 'example.com/app:1' };
  const resources = { requests: { cpu: '400m' } };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'app' },
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app } },
        spec: {
          nodeSelector: { 'kubernetes.io/hostname': node },
          containers: [{ ...container, resources }],
        },
      },
    },
  };
}

function podsOf({ cluster }: Stage, app: string) {
  return cluster.pods.all().filter(({ metadata }) => metadata.labels?.['app'] === app);
}
