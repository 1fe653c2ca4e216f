/** The `restricted` Pod security standard, which the namespaces of an installation enforce. */
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import type { Pod } from '#api/core.ts';
import { manifestFiles } from './main.ts';

type PodSpec = NonNullable<Pod['spec']>;

/** What the standard forbids in a Pod without volumes; nothing of ours has any. */
function violations(spec: PodSpec): string[] {
  const { hostNetwork, hostPID, hostIPC, volumes, securityContext, containers } = spec;
  const ofPod = Object.entries({ hostNetwork, hostPID, hostIPC, volumes })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  const ofContainers = containers.flatMap(({ name, securityContext: own = {}, ports = [] }) => {
    const { runAsNonRoot, runAsUser, seccompProfile } = { ...securityContext, ...own };
    const wanted = {
      allowPrivilegeEscalation: own.allowPrivilegeEscalation === false,
      privileged: own.privileged !== true,
      capabilities: own.capabilities?.drop?.includes('ALL') && own.capabilities.add === undefined,
      runAsNonRoot: runAsNonRoot === true,
      runAsUser: runAsUser !== 0,
      seccompProfile: seccompProfile?.type === 'RuntimeDefault',
      hostPort: ports.every(({ hostPort }) => hostPort === undefined),
    };
    return Object.entries(wanted)
      .filter(([, isMet]) => isMet !== true)
      .map(([what]) => `${name}: ${what}`);
  });
  return [...ofPod, ...ofContainers];
}

/** A Pod that hollow-pod builds. */
async function hollowPod(name: string): Promise<PodSpec> {
  const text = await readFile(`controller/hollow-pod/testdata/${name}.output.yaml`, 'utf8');
  return parse(text).spec;
}

test('the manager keeps to it, with a root file system that nobody can write', (t) => {
  const { spec } = parse(manifestFiles().get('base/controller/deployment.yaml') ?? '');
  t.deepEqual(violations(spec.template.spec), []);
  t.true(spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem);
});

test('hollow-node Pods keep to it', async (t) => {
  t.deepEqual(violations(await hollowPod('hollow-node')), []);
});

test('real kubemarks do not: their component lifts it', async (t) => {
  const found = violations(await hollowPod('after'));
  t.true(found.includes('hollow-kubelet: privileged'));
});

test('the namespaces enforce it', (t) => {
  const documents = parseAllDocuments(manifestFiles().get('base/controller/namespaces.yaml') ?? '');
  t.is(documents.length, 2);
  for (const document of documents) {
    t.is(
      document.getIn(['metadata', 'labels', 'pod-security.kubernetes.io/enforce']),
      'restricted',
    );
  }
});
