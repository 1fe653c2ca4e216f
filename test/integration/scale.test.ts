/** The scale subresource, as autoscalers and people use it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import { startDeploymentStory, template } from '#test/helpers/machine-deployments.ts';
import { newMachineSet, startSetStory } from '#test/helpers/machine-sets.ts';
import type { Story } from '#test/helpers/story.ts';
import { Kubectl } from '#test/real/harness/kubectl.ts';

async function kubectlFor(t: ExecutionContext, { cluster }: Story): Promise<Kubectl> {
  const folder = await mkdtemp(join(tmpdir(), 'scale-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, cluster.server.kubeconfig());
  return new Kubectl({ folder, controlPlane: { kubeconfig } }, 'default');
}

/** With their group: another one has such kinds, too. */
const machines = 'machines.machine.openshift.io';
const workers = 'machinesets.machine.openshift.io/workers';

interface Scale {
  spec: { replicas: number };
  status: { replicas: number; selector: string };
}

/** What a HorizontalPodAutoscaler reads: `machinesets` or `machinedeployments`, of the name `workers`. */
async function scaleOf(kubectl: Kubectl, plural: string): Promise<Scale> {
  const path = `/apis/machine.openshift.io/v1beta1/namespaces/default/${plural}/workers/scale`;
  return JSON.parse(await kubectl.run('get', `--raw=${path}`));
}

/** How many Machines the selector of a scale selects. */
async function countSelected(kubectl: Kubectl, { status }: Scale): Promise<number> {
  const names = await kubectl.run('get', machines, '-o=name', `--selector=${status.selector}`);
  return names.trimEnd().split('\n').length;
}

test('kubectl scales a MachineSet, unless it is not what was expected', async (t) => {
  const sets = await startSetStory(t);
  const kubectl = await kubectlFor(t, sets.story);
  await sets.story.client.create(machineSets, newMachineSet('workers', { replicas: 1 }));
  await sets.atRest(1);
  t.is(
    await kubectl.run('scale', workers, '--replicas=4', '--current-replicas=1'),
    'machineset.machine.openshift.io/workers scaled\n',
  );
  await sets.atRest(4);
  const scale = await scaleOf(kubectl, 'machinesets');
  t.like(scale, { spec: { replicas: 4 }, status: { replicas: 4 } });
  t.is(await countSelected(kubectl, scale), 4);

  const refused = await kubectl.try('scale', workers, '--replicas=9', '--current-replicas=1');
  t.regex(refused.output, /Expected replicas to be 1, was 4/);
  const negative = await kubectl.try('scale', workers, '--replicas=-1');
  t.not(negative.code, 0);
  await sets.atRest(4);
});

test('kubectl scales a MachineDeployment, whose selector selects the Machines of all its sets', async (t) => {
  const deployments = await startDeploymentStory(t);
  const kubectl = await kubectlFor(t, deployments.story);
  await deployments.create({ replicas: 2 });
  await deployments.complete();
  await deployments.change({ template: template('2', { healthyDuration: 'soon' }) });
  await deployments.story.eventually('two old ones and one that does not work', async () => {
    const scale = await scaleOf(kubectl, 'machinedeployments');
    return scale.status.replicas === 3 && (await countSelected(kubectl, scale)) === 3;
  });

  await deployments.change({ template: template('3', { healthyDuration: null }) });
  await kubectl.run('scale', 'md/workers', '--replicas=5');
  await deployments.complete();
  t.is(await deployments.versions(), '3 3 3 3 3');
  const scale = await scaleOf(kubectl, 'machinedeployments');
  t.like(scale, { spec: { replicas: 5 }, status: { replicas: 5, selector: 'app=workers' } });
});
