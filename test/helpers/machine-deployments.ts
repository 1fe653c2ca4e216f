import type { ExecutionContext } from 'ava';
import {
  machineDeployments,
  revisionAnnotation,
  type DeploymentCondition,
  type MachineDeployment,
  type MachineDeploymentSpec,
} from '#api/machine/v1beta1/machine-deployment.ts';
import {
  machineSets,
  type MachineSet,
  type MachineTemplate,
} from '#api/machine/v1beta1/machine-set.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { newMachine, startStory, type Story } from './story.ts';

const key = { namespace: 'default', name: 'workers' };
const labels = { app: 'workers' };

/** A template that says which version it is. */
export function template(version: string, config: Record<string, unknown> = {}): MachineTemplate {
  const { spec = {} } = newMachine('', { config });
  return { metadata: { labels, annotations: { version } }, spec };
}

function newDeployment(spec: Partial<MachineDeploymentSpec>): MachineDeployment {
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'MachineDeployment',
    metadata: key,
    spec: { selector: { matchLabels: labels }, template: template('1'), ...spec },
  };
}

function revisionOf({ metadata }: MachineSet): number {
  return Number(metadata.annotations?.[revisionAnnotation]);
}

/** The deployment `workers` in the namespace `default`, as a story looks at it. */
export class DeploymentStory {
  readonly story: Story;

  constructor(story: Story) {
    this.story = story;
  }

  create(spec: Partial<MachineDeploymentSpec>): Promise<MachineDeployment> {
    return this.story.client.create(machineDeployments, newDeployment(spec));
  }

  get(): Promise<MachineDeployment> {
    return this.story.client.get(machineDeployments, key);
  }

  change(spec: Partial<MachineDeploymentSpec>): Promise<MachineDeployment> {
    return this.story.client.patch(machineDeployments, key, { spec });
  }

  /** As `kubectl scale`. */
  async scale(replicas: number): Promise<void> {
    const patch = { spec: { replicas } };
    await this.story.client.patch(machineDeployments, key, patch, { subresource: 'scale' });
  }

  /** The oldest first. */
  async sets(): Promise<MachineSet[]> {
    const { items } = await this.story.client.list(machineSets);
    return items.toSorted((one, other) => revisionOf(one) - revisionOf(other));
  }

  /** Those that are not on their way out. */
  async machines(): Promise<Machine[]> {
    const { items } = await this.story.client.list(machines);
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** E.g. `1 1 2`. */
  async versions(): Promise<string> {
    const items = await this.machines();
    return items
      .map(({ metadata }) => metadata.annotations?.['version'] ?? '')
      .toSorted((one, other) => one.localeCompare(other))
      .join(' ');
  }

  async progress(): Promise<DeploymentCondition | undefined> {
    const { status } = await this.get();
    return status?.conditions?.find(({ type }) => type === 'Progressing');
  }

  /** Its revisions, the oldest first. */
  async revisions(): Promise<number[]> {
    return (await this.sets()).map(revisionOf);
  }

  /** Whether everything is as the spec wants it. */
  async isComplete(): Promise<boolean> {
    const { metadata, status } = await this.get();
    const progress = status?.conditions?.find(({ type }) => type === 'Progressing');
    return (
      status?.observedGeneration === metadata.generation &&
      progress?.reason === 'NewMachineSetAvailable'
    );
  }

  async complete(): Promise<void> {
    await this.story.eventually('the rollout is complete', () => this.isComplete());
    await this.story.quiet();
  }

  /** Lets time pass until `check` gives something. */
  async passUntil<T>(what: string, check: () => Promise<T | undefined | false>): Promise<T> {
    for (let second = 0; second < 120; second++) {
      const result = await check();
      if (result !== undefined && result !== false) return result;
      await this.story.advance(1);
    }
    throw new Error(`never came true: ${what}`);
  }

  async reason(wanted: string): Promise<void> {
    await this.story.eventually(`it is ${wanted}`, async () => {
      return (await this.progress())?.reason === wanted;
    });
    await this.story.quiet();
  }
}

export async function startDeploymentStory(
  t: ExecutionContext,
  options: { manager?: boolean } = {},
): Promise<DeploymentStory> {
  return new DeploymentStory(await startStory(t, options));
}
