/** Everything in kustomize/, as `kubectl` builds it, before a real API server. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseAllDocuments, stringify } from 'yaml';
import type { KubernetesObject } from '#api/meta.ts';
import { kubeconfig } from '#kubernetes/credentials.ts';
import { view } from '#local/apiserver/object.ts';
import { images } from '#manifests/names.ts';
import { takeControlPlane } from '#test/helpers/real/control-plane.ts';
import { installFile } from '../../hack/release/install-file.ts';

const apply = ['apply', '--validate=strict', '-f', '-'];

interface Outcome {
  stdout: string;
  stderr: string;
  code: number;
}

/** Runs kubectl with this standard input. */
function kubectl(args: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const child = execFile('kubectl', args, { env, timeout: 90_000 }, (error, stdout, stderr) => {
    const { code = 0 } = error ?? {};
    if (code === 'ENOENT') reject(new Error('there is no kubectl in PATH: install it'));
    else resolve({ stdout, stderr, code: Number(code) });
  });
  child.stdin?.end(input);
  return promise;
}

async function build(t: ExecutionContext, folder: string): Promise<string> {
  const { stdout, stderr, code } = await kubectl(['kustomize', folder], process.env);
  t.is(code, 0, stderr);
  t.is(stderr, ''); // what is deprecated is told there
  return stdout;
}

/** A kustomization of somebody who uses ours. */
async function overlay(t: ExecutionContext, content: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kustomize-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'kustomization.yaml'), stringify(content));
  return folder;
}

const ours = (folder: string): string => join('kustomize', folder);

/** As an overlay names it, from the folder of temporary files. */
const fromOutside = (folder: string): string => relative(join(tmpdir(), 'any'), ours(folder));

test('an installation is accepted strictly, changes nothing the second time, and goes again', async (t) => {
  const cluster = await connect(t);
  const text = await build(t, ours('default'));
  await cluster.applyTwice(t, text);
  const removed = await cluster.run(['delete', '--wait', '-f', '-'], text);
  t.is(removed.code, 0, removed.stderr);
  const left = await cluster.run(['get', '--ignore-not-found', '-o', 'name', '-f', '-'], text);
  t.is(left.stdout, '');
});

for (const name of ['kind', 'minikube', 'openshift', 'machine-api-operator', 'cluster-api']) {
  test(`overlay ${name} is accepted strictly`, async (t) => {
    const cluster = await connect(t);
    await cluster.applyTwice(t, await build(t, ours(`overlays/${name}`)));
  });
}

const components = [
  'cluster-k8s-io',
  'kubemark',
  'leader-election',
  'loaded-images',
  'metrics',
  'network-policy',
];

test('all components together are accepted strictly', async (t) => {
  const cluster = await connect(t);
  const folder = await overlay(t, {
    resources: [fromOutside('default')],
    components: components.map((name) => fromOutside(`components/${name}`)),
  });
  const text = await build(t, folder);
  t.true(text.includes('--leader-elect'));
  await cluster.applyTwice(t, text);
});

test('what goes with a component is taken back when it is left out', async (t) => {
  const cluster = await connect(t);
  const folder = await overlay(t, {
    resources: [fromOutside('default')],
    components: components.map((name) => fromOutside(`components/${name}`)),
  });
  await cluster.applyTwice(t, await build(t, folder));
  const plain = await build(t, ours('default'));
  await cluster.applyTwice(t, plain);
  const { stdout } = await cluster.run(['diff', '-f', '-'], plain);
  t.is(stdout, '');
});

test('strict means that a field nobody knows is refused', async (t) => {
  const cluster = await connect(t);
  const text = (await build(t, ours('default'))).replace('  replicas: 1', '  replica: 1');
  const { code, stderr } = await cluster.run([...apply, '--dry-run=server'], text);
  t.not(code, 0);
  t.regex(stderr, /unknown field "(spec\.)?replica"/);
});

test('images: of one kustomization decide about all images', async (t) => {
  const names = ['controller', 'hollow-node', 'fault-proxy'];
  const folder = await overlay(t, {
    resources: [fromOutside('default')],
    images: names.map((name) => ({
      name: `cluster-api-provider-kubemark/${name}`,
      newName: `registry.example.com/${name}`,
      newTag: 'v1',
    })),
    configurations: ['image-fields.yaml'],
  });
  await copyFile(ours('default/image-fields.yaml'), join(folder, 'image-fields.yaml'));
  const text = await build(t, folder);
  for (const name of names) t.true(text.includes(`registry.example.com/${name}:v1\n`), name);
  t.notRegex(text, /:dev$/m);
});

test('a release is kustomize/default with the images of that release', async (t) => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const prefix = 'registry.example.com/kubemark';
  const [comment, ...lines] = (
    await installFile({
      version: 'v1.2.3',
      prefix,
      'controller-digest': '',
      'hollow-node-digest': digest,
      'fault-proxy-digest': '',
    })
  ).split('\n');
  t.is(comment, '# cluster-api-provider-kubemark v1.2.3');
  const expected = (await build(t, ours('default')))
    .replace(images.controller, `${prefix}/controller:v1.2.3`)
    .replace(images.hollowNode, `${prefix}/hollow-node@${digest}`)
    .replace(images.faultProxy, `${prefix}/fault-proxy:v1.2.3`);
  t.is(lines.join('\n'), expected);
});

/** What API servers have that are older than ours, or without the Prometheus operator. */
const mayBeMissing = new Set([
  'policy/v1 PodDisruptionBudget',
  'monitoring.coreos.com/v1 PodMonitor',
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding',
]);

/** kubectl sends a patch whenever a selector is replaced as a whole; it changes nothing. */
const alwaysConfigured = /^poddisruptionbudget\.policy\/\S+ configured$/;

/** The control plane of this file, for one test. */
async function connect(t: ExecutionContext): Promise<Cluster> {
  const turn = await takeControlPlane();
  t.teardown(() => turn.end());
  const folder = await mkdtemp(join(tmpdir(), 'kustomize-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, kubeconfig(turn.access));
  return new Cluster({ ...process.env, HOME: folder, KUBECONFIG: file });
}

class Cluster {
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** Runs kubectl on those of the objects that the API server can know. */
  async run(args: readonly string[], objects: string): Promise<Outcome> {
    const { stdout } = await kubectl(['api-resources', '--no-headers'], this.#environment);
    const rows = stdout.matchAll(/(?<version>\S+) +(?:true|false) +(?<kind>\S+)$/gm);
    const served = new Set(
      [...rows].map(({ groups }) => `${groups?.['version']} ${groups?.['kind']}`),
    );
    const known = parseAllDocuments(objects)
      .map((document) => view<KubernetesObject>(document.toJS()))
      .filter(({ apiVersion, kind }) => {
        const id = `${apiVersion} ${kind}`;
        return served.has(id) || !mayBeMissing.has(id);
      });
    const input = known.map((object) => stringify(object)).join('---\n');
    return kubectl(args, this.#environment, input);
  }

  /** The second time nothing changes. */
  async applyTwice(t: ExecutionContext, objects: string): Promise<void> {
    const first = await this.run(apply, objects);
    t.is(first.code, 0, first.stderr);
    const second = await this.run(apply, objects);
    t.is(second.code, 0, second.stderr);
    const changed = second.stdout
      .trim()
      .split('\n')
      .filter((line) => !line.endsWith(' unchanged') && !alwaysConfigured.test(line));
    t.deepEqual(changed, []);
  }
}
