/** The contracts of Cluster API for machines, rule by rule, of v1beta1 and of v1beta2. */
import test, { type ExecutionContext } from 'ava';
import { pausedAnnotation, type ClusterAPIVersion } from '#api/cluster-api/core.ts';
import { pods } from '#api/core.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { namespace } from '#test/helpers/cluster-api-core.ts';
import { machineWithReason, startCore, type ClusterAPIStory } from '#test/helpers/cluster-api.ts';
import { contracts, readInfrastructure, type Reading } from '#test/helpers/contract.ts';

const apiVersion = 'infrastructure.cluster.x-k8s.io/v1alpha4';

/** As the contract's core refers to infrastructure. */
function reference(contract: ClusterAPIVersion, name: string): { infrastructureRef: object } {
  const form =
    contract === 'v1beta1'
      ? { apiVersion, namespace }
      : { apiGroup: 'infrastructure.cluster.x-k8s.io' };
  return { infrastructureRef: { ...form, kind: 'KubemarkMachine', name } };
}

/** What core reads of a machine, at each of its versions from now on. */
async function readings(
  t: ExecutionContext,
  { story }: ClusterAPIStory,
  contract: ClusterAPIVersion,
): Promise<Reading[]> {
  const seen: Reading[] = [];
  const { resourceVersion } = await story.client.list(kubemarkMachines);
  const stop = new AbortController();
  const options = { resourceVersion, signal: stop.signal };
  const watch = async (): Promise<void> => {
    try {
      for await (const { type, object } of story.client.watch(kubemarkMachines, options)) {
        if (type !== 'BOOKMARK') seen.push(readInfrastructure(contract, object));
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  };
  const watching = watch();
  t.teardown(async () => {
    stop.abort();
    await watching;
  });
  return seen;
}

for (const contract of contracts) {
  test(`${contract}, rules 7 to 13: core reads provider ID, addresses, zone and conditions all life long`, async (t) => {
    const all = await startCore(t, contract);
    const { story, core } = all;
    const seen = await readings(t, all, contract);
    await core.createMachine(
      'worker',
      { failureDomain: 'zone-b' },
      { machine: reference(contract, 'worker') },
    );
    const machine = await machineWithReason(all, 'worker', 'Provisioned');
    t.like(readInfrastructure(contract, machine), {
      provisioned: true,
      providerID: 'kubemark://worker',
      failureDomain: 'zone-b',
      terminalFailure: undefined,
    });
    await story.client.delete(pods, { namespace, name: 'worker' }, { gracePeriodSeconds: 0 });
    await story.eventually('Ready has been False again', async () => {
      await story.clock.advance(400);
      const provisioned = seen.findIndex((reading) => reading.provisioned);
      return seen
        .slice(provisioned)
        .some(({ conditions }) => conditions.get('Ready')?.status === 'False');
    });
    await machineWithReason(all, 'worker', 'Provisioned');
    await core.deleteInfrastructure('worker');
    await story.eventually('the machine is gone', async () => {
      await story.clock.advance(400);
      return (await core.infrastructure('worker')) === undefined;
    });
    await story.eventually('the watch has told of its end', () => {
      return Promise.resolve(seen.at(-1)?.conditions.get('Ready')?.reason === 'Deleting');
    });
    const provisioned = seen.findIndex((reading) => reading.provisioned);
    t.true(seen.slice(provisioned).every((reading) => reading.provisioned));
    const ids = new Set(seen.map(({ providerID }) => providerID).filter(Boolean));
    t.deepEqual([...ids], ['kubemark://worker']);
    const { addresses } = readInfrastructure(contract, machine);
    t.deepEqual(
      addresses.map(({ type }) => type),
      ['Hostname', 'InternalIP'],
    );
  });

  test(`${contract}, rule 10: the failure domain of the Machine goes first`, async (t) => {
    const all = await startCore(t, contract);
    const machine = { ...reference(contract, 'worker'), failureDomain: 'zone-a' };
    await all.core.createMachine('worker', { failureDomain: 'zone-b' }, { machine });
    const { status } = await machineWithReason(all, 'worker', 'Provisioned');
    t.is(status?.failureDomain, 'zone-a');
    const node = await all.story.eventually('there is a Node', () => all.story.node('worker'));
    t.is(node.metadata.labels?.['topology.kubernetes.io/zone'], 'zone-a');
  });

  test(`${contract}, rule 14: a machine beyond repair says so as its core reads it`, async (t) => {
    const all = await startCore(t, contract);
    const { story, core } = all;
    await core.createMachine(
      'worker',
      { instanceLossPolicy: 'Fail' },
      { machine: reference(contract, 'worker') },
    );
    await machineWithReason(all, 'worker', 'Provisioned');
    await story.client.delete(pods, { namespace, name: 'worker' }, { gracePeriodSeconds: 0 });
    const lost = await machineWithReason(all, 'worker', 'InstanceLost');
    const { terminalFailure, conditions } = readInfrastructure(contract, lost);
    t.is(terminalFailure?.reason, contract === 'v1beta1' ? 'InstanceLost' : undefined);
    t.is(conditions.get('Ready')?.reason, 'InstanceLost');
  });

  test(`${contract}, rule 15: a spec that changes in place leaves the Pod alone`, async (t) => {
    const all = await startCore(t, contract);
    const { story, core } = all;
    await core.createMachine('worker', {}, { machine: reference(contract, 'worker') });
    const { metadata } = await machineWithReason(all, 'worker', 'Provisioned');
    const [before] = await core.pods();
    const spec = { kubemarkOptions: { nodeLabels: { changed: 'true' } } };
    await story.client.patch(kubemarkMachines, { namespace, name: 'worker' }, { spec });
    await story.eventually('the change was seen', async () => {
      const { conditions = [] } = (await core.infrastructure('worker'))?.status ?? {};
      const seen = conditions.find(({ type }) => type === 'Ready')?.observedGeneration ?? 0;
      return seen > (metadata.generation ?? 0);
    });
    t.deepEqual(
      (await core.pods()).map((pod) => pod.metadata.uid),
      [before?.metadata.uid],
    );
  });

  test(`${contract}, rule 17: a pause of the Cluster, or of the object, is told`, async (t) => {
    const all = await startCore(t, contract);
    const { story, core } = all;
    await core.createMachine('worker', {}, { machine: reference(contract, 'worker') });
    await machineWithReason(all, 'worker', 'Provisioned');
    const told = (status: string) =>
      story.eventually(`Paused is ${status}`, async () => {
        const machine = await core.infrastructure('worker');
        const paused = machine && readInfrastructure(contract, machine).conditions.get('Paused');
        return paused?.status === status && paused.message;
      });
    await core.patchCluster('test', { spec: { paused: true } });
    t.is(await told('True'), 'Cluster spec.paused is set to true');
    await core.patchCluster('test', { spec: { paused: null } });
    t.is(await told('False'), 'Nobody has paused it');
    const paused = { metadata: { annotations: { [pausedAnnotation]: 'true' } } };
    await story.client.patch(kubemarkMachines, { namespace, name: 'worker' }, paused);
    t.is(await told('True'), `KubemarkMachine has the ${pausedAnnotation} annotation`);
  });
}
