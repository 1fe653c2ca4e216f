/** The commands that users type, with the real kubectl and its default flags. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { view } from './object.ts';
import { pod, podsPath, startApi, widget, widgetDefinition } from './testing.ts';

const run = promisify(execFile);

const isInstalled = await run('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
);

/** Runs a command line against a server of its own; what kubectl prints, also when it fails. */
interface Kubectl {
  (command: string): Promise<string>;
  /** Applies an object from a file of its own. */
  apply(object: object): Promise<string>;
  /** Starts a command that goes on, and resolves to each of its lines. */
  follow(command: string): AsyncIterator<string>;
  readonly url: string;
}

/** Words as a shell sees them, as far as single quotes go. */
const split = (command: string): string[] =>
  (command.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((word) => word.replaceAll("'", ''));

const image = (name: string): object => ({ containers: [{ name: 'main', image: name }] });

async function startKubectl(t: ExecutionContext): Promise<Kubectl> {
  const { server, url } = await startApi(t);
  const home = await mkdtemp(join(tmpdir(), 'kubectl-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const kubeconfig = join(home, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig());
  const options = { env: { ...process.env, HOME: home, KUBECONFIG: kubeconfig } };
  const kubectl = async (command: string): Promise<string> => {
    const result = await run('kubectl', split(command), options).catch((error: unknown) => {
      const { stdout = '', stderr = '' } = view<{ stdout?: string; stderr?: string }>(error);
      return { stdout, stderr };
    });
    return `${result.stdout}${result.stderr}`;
  };
  const apply = async (object: object): Promise<string> => {
    const file = join(home, 'object.json');
    await writeFile(file, JSON.stringify(object));
    return kubectl(`apply -f ${file}`);
  };
  const follow = (command: string): AsyncIterator<string> => {
    const child = spawn('kubectl', split(command), {
      ...options,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill());
    return linesOf(child.stdout)[Symbol.asyncIterator]();
  };
  return Object.assign(kubectl, { apply, follow, url });
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream) {
    rest += chunk.toString();
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** A test of the given name, or one that says why it did not run. */
function story(
  title: string,
  body: (t: ExecutionContext, kubectl: Kubectl) => Promise<void>,
): void {
  if (!isInstalled) {
    test(`kubectl is not installed: ${title}`, (t) => {
      t.log('kubectl is not on the PATH; this story was not told');
      t.pass();
    });
    return;
  }
  test(title, async (t) => {
    t.timeout(60_000, 'kubectl takes its time on a busy machine');
    await body(t, await startKubectl(t));
  });
}

const size = { properties: { size: { type: 'integer', minimum: 1, description: 'how large' } } };

story('apply creates, leaves alone, changes and explains what is wrong', async (t, kubectl) => {
  const applied = await kubectl.apply(widgetDefinition(size));
  t.is(applied, 'customresourcedefinition.apiextensions.k8s.io/widgets.example.com created\n');
  t.regex(
    await kubectl('wait --for=condition=Established crd/widgets.example.com'),
    /condition met/,
  );
  t.is(await kubectl.apply(widget('a', { size: 1 })), 'widget.example.com/a created\n');
  t.is(await kubectl.apply(widget('a', { size: 1 })), 'widget.example.com/a unchanged\n');
  t.is(await kubectl.apply(widget('a', { size: 2 })), 'widget.example.com/a configured\n');
  t.is(
    await kubectl.apply(widget('a', { size: 0 })),
    'The Widget "a" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1\n',
  );
  t.regex(
    await kubectl.apply(widget('b', { sise: 1 })),
    /strict decoding error: unknown field "spec.sise"/,
  );
  t.regex(await kubectl('explain widget.spec'), /size\t<integer>\n\s+how large/);
  t.is(await kubectl('delete wd a'), 'widget.example.com "a" deleted\n');
});

story('a List is applied as its items; a kind that does not exist is named', async (t, kubectl) => {
  await kubectl.apply(widgetDefinition(size));
  const items = [pod('a', image('nginx:1')), widget('b', { size: 1 })];
  t.is(
    await kubectl.apply({ apiVersion: 'v1', kind: 'List', items }),
    'pod/a created\nwidget.example.com/b created\n',
  );
  t.regex(
    await kubectl.apply({ ...widget('c', {}), kind: 'Wigdet' }),
    /no matches for kind "Wigdet" in version "example.com\/v1"/,
  );
  t.regex(await kubectl('explain widget'), /apiVersion\t<string>\n\s+Group and version/);
});

story('apply of a built-in kind merges lists by their keys', async (t, kubectl) => {
  t.is(await kubectl.apply(pod('a', image('nginx:1'))), 'pod/a created\n');
  t.is(await kubectl.apply(pod('a', image('nginx:1'))), 'pod/a unchanged\n');
  t.is(await kubectl.apply(pod('a', image('nginx:2'))), 'pod/a configured\n');
  t.is(
    await kubectl(
      "get pod a -o jsonpath='{.spec.containers[0].image} {.spec.containers[0].terminationMessagePath}'",
    ),
    'nginx:2 /dev/termination-log',
  );
  t.regex(await kubectl('describe pod a'), /Status: +Pending[^]+Image: +nginx:2/);
});

story('get prints tables, wide ones, names and selections', async (t, kubectl) => {
  await kubectl.apply(pod('a', {}, { labels: { app: 'x' } }));
  await kubectl.apply(pod('b'));
  t.regex(
    await kubectl('get pods'),
    /^NAME +READY +STATUS +RESTARTS +AGE\na +0\/1 +Pending +0 +\S+\nb /,
  );
  t.regex(await kubectl('get pods -o wide'), /NOMINATED NODE/);
  t.is(await kubectl('get pods -l app=x -o name'), 'pod/a\n');
  t.is(await kubectl('get pods --field-selector metadata.name=b -o name'), 'pod/b\n');
  t.regex(await kubectl('get pods nope'), /^Error from server \(NotFound\): pods "nope" not found/);
  t.regex(await kubectl('get ns'), /default +Active/);
  t.regex(await kubectl('get all'), /pod\/a/);
});

story('get -w follows changes', async (t, kubectl) => {
  await kubectl.apply(pod('a'));
  const lines = kubectl.follow('get pods -w');
  const next = async (): Promise<string> => String((await lines.next()).value);
  t.regex(await next(), /^NAME/);
  t.regex(await next(), /^a +0\/1 +Pending/);
  const body = JSON.stringify({ status: { phase: 'Running' } });
  const headers = { 'content-type': 'application/merge-patch+json' };
  await fetch(`${kubectl.url}${podsPath}/a/status`, { method: 'PATCH', headers, body });
  t.regex(await next(), /^a +0\/1 +Running/);
});

story('patch, label, annotate, scale and taint change objects', async (t, kubectl) => {
  await kubectl.apply(pod('a'));
  t.is(await kubectl('label pod a x=y'), 'pod/a labeled\n');
  t.is(await kubectl('annotate pod a x=y'), 'pod/a annotated\n');
  t.is(await kubectl(`patch pod a -p '{"metadata":{"labels":{"x":null}}}'`), 'pod/a patched\n');
  t.is(await kubectl('get pod a -o jsonpath={.metadata.labels}'), '');
  await kubectl.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
  t.is(await kubectl('taint node n k=v:NoExecute'), 'node/n tainted\n');
  t.is(await kubectl('cordon n'), 'node/n cordoned\n');
  t.regex(await kubectl('get nodes'), /n +Unknown,SchedulingDisabled +<none>/);
  t.regex(
    await kubectl('describe node n'),
    /Taints: +(k=v:NoExecute\n)? *node.kubernetes.io\/not-ready:NoSchedule/,
  );
  const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' };
  await kubectl.apply(widgetDefinition(size, { subresources: { status: {}, scale } }));
  await kubectl.apply(widget('a', { size: 1 }));
  t.is(await kubectl('scale wd a --replicas=3'), 'widget.example.com/a scaled\n');
});

story('delete waits for the end, and wait for the deletion', async (t, kubectl) => {
  await kubectl.apply(pod('a'));
  t.is(await kubectl('delete pod a'), 'pod "a" deleted\n');
  await kubectl.apply(pod('b', { nodeName: 'n' }));
  t.regex(await kubectl('delete pod b --wait=false'), /deleted/);
  t.regex(await kubectl('get pods'), /Terminating/);
  const waiting = kubectl('wait --for=delete pod/b --timeout=20s');
  t.regex(await kubectl('delete pod b --grace-period=0 --force'), /force deleted/);
  // Silent when the Pod was gone before it looked.
  t.regex(await waiting, /^(pod\/b condition met\n)?$/);
});

story('create writes built-in kinds as protobuf, and drain evicts', async (t, kubectl) => {
  t.is(await kubectl('create namespace x'), 'namespace/x created\n');
  t.is(await kubectl('create configmap c --from-literal=a=b -n x'), 'configmap/c created\n');
  t.is(await kubectl('get cm c -n x -o jsonpath={.data.a}'), 'b');
  t.is(await kubectl('create secret generic s --from-literal=a=b'), 'secret/s created\n');
  t.is(await kubectl('auth can-i delete pods'), 'yes\n');
  await kubectl.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
  await kubectl.apply(pod('a', { nodeName: 'n', terminationGracePeriodSeconds: 0 }));
  t.regex(await kubectl('drain n --force --timeout=20s'), /pod\/a evicted\nnode\/n drained/);
});

story('api-resources, api-versions, explain and version tell what there is', async (t, kubectl) => {
  t.regex(await kubectl('api-resources'), /leases +coordination.k8s.io\/v1 +true +Lease/);
  t.regex(await kubectl('api-versions'), /policy\/v1/);
  t.regex(await kubectl('explain pod.spec.tolerations'), /tolerationSeconds\t<integer>/);
  const version = await kubectl('version');
  t.regex(version, /Server Version: v1\.32\.\d/);
  t.notRegex(version, /WARNING/);
});
