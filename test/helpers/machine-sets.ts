import type { ExecutionContext } from 'ava';
import {
  machineSets,
  type DeletePolicy,
  type MachineSet,
} from '#api/machine/v1beta1/machine-set.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { newMachine, startStory, type Story } from './story.ts';

export interface MachineSetOverrides {
  namespace?: string;
  replicas?: number;
  minReadySeconds?: number;
  deletePolicy?: DeletePolicy;
  /** Of the template; the selector is `set: <name>`. */
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** A MachineSet that is fine as it is. */
export function newMachineSet(name: string, overrides: MachineSetOverrides = {}): MachineSet {
  const { namespace = 'default', labels = {}, annotations, ...spec } = overrides;
  const { apiVersion, spec: machineSpec = {} } = newMachine(name);
  return {
    apiVersion,
    kind: 'MachineSet',
    metadata: { namespace, name },
    spec: {
      ...spec,
      selector: { matchLabels: { set: name } },
      template: {
        metadata: { labels: { set: name, ...labels }, ...(annotations && { annotations }) },
        spec: machineSpec,
      },
    },
  };
}

/** The set `workers` in the namespace `default`, as a story looks at it. */
export class SetStory {
  readonly story: Story;
  readonly #key = { namespace: 'default', name: 'workers' };

  constructor(story: Story) {
    this.story = story;
  }

  set(): Promise<MachineSet | undefined> {
    return ifFound(this.story.client.get(machineSets, this.#key));
  }

  /** Those of the set, also on their way out. */
  async machines(): Promise<Machine[]> {
    const { client } = this.story;
    return (await client.list(machines, { labelSelector: 'set=workers' })).items;
  }

  /** As `kubectl scale`. */
  async scale(replicas: number): Promise<void> {
    const patch = { spec: { replicas } };
    await this.story.client.patch(machineSets, this.#key, patch, { subresource: 'scale' });
  }

  /** What was told about the set: by reason, the type of each event. */
  async eventReasons(): Promise<Record<string, string[]>> {
    const all = await this.story.events('workers');
    const byReason = Object.groupBy(all, ({ reason = '' }) => reason);
    return Object.fromEntries(
      Object.entries(byReason).map(([reason, events = []]) => [
        reason,
        events.map(({ type = '' }) => type),
      ]),
    );
  }

  /** Changes fields of the spec. */
  async patch(spec: object): Promise<void> {
    await this.story.client.patch(machineSets, this.#key, { spec });
  }

  /** Whether there are so many Machines, all of them Running, and the status says so. */
  async isAtRest(replicas: number): Promise<boolean> {
    const [set, all] = await Promise.all([this.set(), this.machines()]);
    const { status = {}, metadata } = set ?? { metadata: {} };
    return (
      all.length === replicas &&
      status.observedGeneration === metadata.generation &&
      status.replicas === replicas &&
      status.fullyLabeledReplicas === replicas &&
      status.readyReplicas === replicas &&
      status.availableReplicas === replicas
    );
  }

  atRest(replicas: number): Promise<boolean> {
    const what = `${replicas} Machines at rest`;
    return this.story.eventually(what, () => this.isAtRest(replicas));
  }
}

export async function startSetStory(
  t: ExecutionContext,
  options: { manager?: boolean } = {},
): Promise<SetStory> {
  return new SetStory(await startStory(t, options));
}
