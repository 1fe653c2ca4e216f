/** What people run on hollow nodes, and what they ask of those who move it. */
import type { ExecutionContext } from 'ava';
import { podDisruptionBudgets, pods, type Pod, type PodDisruptionBudget } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { apiVersionOf } from '#api/kind.ts';
import { replicaSets, type Toleration } from '#local/controllers/objects/kinds.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { newMachine, type MachineOverrides, type Story } from './story.ts';

const namespace = 'default';
const labels = { app: 'web' };
/** On the Nodes of `tenantMachine`, and on no other. */
const pool = { pool: 'tenants' };
/** A hollow node takes only what tolerates that it is one. */
const hollow: Toleration[] = [{ key: 'kubemark', operator: 'Exists' }];

/** A machine whose Node takes tenants. */
export function tenantMachine(name: string, overrides: MachineOverrides = {}) {
  return newMachine(name, { ...overrides, config: { ...overrides.config, nodeLabels: pool } });
}

export interface TenantsOptions {
  replicas: number;
  tolerations?: Toleration[];
}

/** The ReplicaSet `web` on hollow nodes, until the test ends. */
export class Tenants {
  readonly #story: Story;
  readonly #key = { namespace, name: 'web' };
  #budgets: Kind<PodDisruptionBudget> = podDisruptionBudgets;

  constructor(t: ExecutionContext, story: Story) {
    this.#story = story;
    t.teardown(async () => {
      await ifFound(story.client.delete(replicaSets, this.#key));
      await this.liftBudget();
    });
  }

  /** Resolves when all replicas are Ready. */
  async start({ replicas, tolerations = hollow }: TenantsOptions): Promise<void> {
    await this.#story.client.create(replicaSets, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { ...this.#key },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            nodeSelector: pool,
            tolerations,
            containers: [{ name: 'web', image: 'example.com/web' }],
          },
        },
      },
    });
    await this.allReady(replicas);
  }

  allReady(replicas: number): Promise<boolean> {
    return this.#story.eventually(`${replicas} replicas are Ready`, async () => {
      return (await this.pods()).filter(isServing).length === replicas;
    });
  }

  async pods(): Promise<Pod[]> {
    return (await this.#story.client.list(pods, { namespace, labelSelector: 'app=web' })).items;
  }

  async podsOn(nodeName: string): Promise<Pod[]> {
    return (await this.pods()).filter(({ spec }) => spec?.nodeName === nodeName);
  }

  /** The budget `web-pdb`, as soon as it has counted its Pods. */
  async limit(spec: PodDisruptionBudget['spec']): Promise<void> {
    const { client, cluster } = this.#story;
    const { minor } = await cluster.client.getPath<{ minor: string }>('/version');
    const version = Number.parseInt(minor) < 21 ? 'v1beta1' : 'v1';
    this.#budgets = { ...podDisruptionBudgets, version };
    await client.create(this.#budgets, {
      apiVersion: apiVersionOf(this.#budgets),
      kind: 'PodDisruptionBudget',
      metadata: { namespace, name: 'web-pdb' },
      spec: { ...spec, selector: { matchLabels: labels } },
    });
    const expected = (await this.pods()).length;
    await this.#story.eventually('the budget has counted its Pods', async () => {
      const { status } = await client.get(this.#budgets, { namespace, name: 'web-pdb' });
      return status?.expectedPods === expected && status.currentHealthy === expected;
    });
  }

  async liftBudget(): Promise<void> {
    const key = { namespace, name: 'web-pdb' };
    await ifFound(this.#story.client.delete(this.#budgets, key));
  }

  /** The fewest that serve at a time, from now on; asked of a watch. */
  async startCounting(t: ExecutionContext): Promise<() => number> {
    const { client } = this.#story;
    const stop = new AbortController();
    const { resourceVersion, items } = await client.list(pods, { namespace });
    const serving = new Set(items.filter(isServing).map(({ metadata }) => metadata.uid));
    let fewest = serving.size;
    const count = async (): Promise<void> => {
      const { signal } = stop;
      const options = { namespace, labelSelector: 'app=web', resourceVersion, signal };
      for await (const { type, object } of client.watch(pods, options)) {
        if (type === 'BOOKMARK') continue;
        const { uid } = object.metadata;
        if (type !== 'DELETED' && isServing(object)) serving.add(uid);
        else serving.delete(uid);
        fewest = Math.min(fewest, serving.size);
      }
    };
    const ended = count().catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    t.teardown(async () => {
      stop.abort();
      await ended;
    });
    return () => fewest;
  }
}

/** A Pod of nobody on one Node, Running. */
export async function startPodOn(
  story: Story,
  nodeName: string,
  name: string,
  more: Partial<Pod['spec']> = {},
): Promise<void> {
  await story.client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: {
      nodeName,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'tenant', image: 'example.com/tenant' }],
      ...more,
    },
  });
  await story.eventually(`Pod ${name} runs`, async () => {
    return (await tenantPod(story, name))?.status?.phase === 'Running';
  });
}

export function tenantPod(story: Story, name: string): Promise<Pod | undefined> {
  return ifFound(story.client.get(pods, { namespace, name }));
}

function isServing({ metadata, status }: Pod): boolean {
  const isReady = status?.conditions?.some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  );
  return isReady === true && metadata.deletionTimestamp === undefined;
}
