import type { JsonObject } from '#api/json.ts';
import {
  machineHealthChecks,
  type MachineHealthCheck,
  type MachineHealthCheckSpec,
  type MachineHealthCheckStatus,
} from '#api/machine/v1beta1/machine-health-check.ts';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import { freePort } from '#kubernetes/ports.ts';
import { newMachineSet, type SetStory } from './machine-sets.ts';
import { newMachine, type Story } from './story.ts';

export const checkKey = { namespace: 'default', name: 'check' };

/** Of all Machines of the set `workers`: NotReady for ten seconds. */
export function newCheck(spec: Partial<MachineHealthCheckSpec> = {}): MachineHealthCheck {
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'MachineHealthCheck',
    metadata: { ...checkKey },
    spec: {
      selector: { matchLabels: { set: 'workers' } },
      unhealthyConditions: [{ type: 'Ready', status: 'False', timeout: '10s' }],
      ...spec,
    },
  };
}

/** The status of the check, once it is so; time passes. */
export async function checkOnce(
  story: Story,
  isSo: (status: MachineHealthCheckStatus) => boolean,
): Promise<MachineHealthCheckStatus> {
  for (let second = 0; ; second++) {
    const { status = {} } = await story.client.get(machineHealthChecks, checkKey);
    if (isSo(status)) return status;
    if (second === 120) throw new Error(`never came true, but ${JSON.stringify(status)}`);
    await story.advance(1);
  }
}

/** A set whose Machines have this configuration. */
export async function createSet(
  sets: SetStory,
  replicas: number,
  config: JsonObject = {},
): Promise<void> {
  const set = newMachineSet('workers', { replicas });
  const { spec = {} } = newMachine('any', { config });
  const template = { ...set.spec?.template, spec };
  await sets.story.client.create(machineSets, { ...set, spec: { ...set.spec!, template } });
}

/** The names of Machines that the manager deletes from now on. */
export function watchDeletions(story: Story): string[] {
  const deletions: string[] = [];
  story.cluster.server.onRequest(({ userAgent, verb, resource, name, code }) => {
    const isDeletion = verb === 'delete' && resource === 'machines' && code === 200;
    if (isDeletion && userAgent.startsWith('manager')) deletions.push(name);
  });
  return deletions;
}

/** How often each thing was told about an object. */
export async function told(story: Story, name: string): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const { reason = '', count = 1 } of await story.events(name)) {
    times[reason] = (times[reason] ?? 0) + count;
  }
  return times;
}

/** A manager whose metrics can be read; runs until the story ends. */
export async function startMeasuredManager({ cluster }: Story) {
  const address = `127.0.0.1:${await freePort()}`;
  const manager = cluster.createManager(undefined, { 'metrics-addr': address });
  cluster.run((signal) => manager.run(signal));
  return {
    /** How often a controller has reconciled so far. */
    reconcilesOf: (controller: string): Promise<number> => reconcilesOf(controller, address),
  };
}

/** How often a controller has reconciled, as its manager's metrics tell. */
async function reconcilesOf(controller: string, address: string): Promise<number> {
  const metrics = await (await fetch(`http://${address}/metrics`)).text();
  const counts = metrics
    .split('\n')
    .filter((line) => line.startsWith('controller_runtime_reconcile_total'))
    .filter((line) => line.includes(`controller="${controller}"`))
    .map((line) => Number(line.split(' ').at(-1)));
  return counts.reduce((sum, count) => sum + count, 0);
}
