/** A management cluster and its workload cluster in memory, in which reconcilers live and die. */
import { clusterMachines, clusterNameLabel, clusters } from '#api/cluster-api/core.ts';
import { certificateSigningRequests, pods, secrets, type Pod } from '#api/core.ts';
import {
  kubemarkMachines,
  type KubemarkMachine,
} from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { Cache } from '#runtime/cache/informer.ts';
import type { ObjectKey } from '#runtime/client/client.ts';
import { silentLogger } from '#runtime/log.ts';
import type { Result } from '#runtime/reconcile.ts';
import { MemoryClient } from '#runtime/testing/memory-client.ts';
import { someCertificate } from '#test/helpers/certificates.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { KubemarkMachineReconciler } from '../reconciler.ts';
import type { Deps } from '../scope.ts';
import { Waiting } from '../waiting.ts';

export const key = { namespace: 'default', name: 'worker' };

const validity = { from: Date.UTC(2029, 0, 1), to: Date.UTC(2039, 0, 1) };

export class World {
  readonly clock = new FakeClock();
  /** Of both clusters: they have no kind in common that both have objects of. */
  readonly client = new MemoryClient();
  /** The workload cluster does not answer. */
  isSilent = false;
  #isKilled = false;

  /** With a Cluster, and a machine that its Machine owns. */
  static async create(spec: KubemarkMachine['spec'] = {}): Promise<World> {
    const world = new World();
    const { client } = world;
    const cluster = { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster' };
    await client.create(clusters('v1beta2'), {
      ...cluster,
      metadata: { namespace: 'default', name: 'test' },
      status: { initialization: { infrastructureProvisioned: true } },
    });
    await client.create(clusterMachines('v1beta2'), {
      ...cluster,
      kind: 'Machine',
      metadata: key,
      spec: { bootstrap: { dataSecretName: 'data' } },
    });
    await client.create(kubemarkMachines, {
      apiVersion: 'infrastructure.cluster.x-k8s.io/v1alpha4',
      kind: 'KubemarkMachine',
      metadata: {
        ...key,
        uid: 'uid-of-worker',
        creationTimestamp: '2030-01-01T00:00:00Z',
        labels: { [clusterNameLabel]: 'test' },
        ownerReferences: [
          { apiVersion: cluster.apiVersion, kind: 'Machine', name: 'worker', uid: 'a' },
        ],
      },
      spec,
    });
    client.requests.length = 0;
    return world;
  }

  get machine(): KubemarkMachine {
    const machine = this.client.peek(kubemarkMachines, key);
    if (machine === undefined) throw new Error('there is no machine');
    return machine;
  }

  get ready() {
    return this.machine.status?.conditions?.find(({ type }) => type === 'Ready');
  }

  /** One pass of a provider that has just started. */
  async reconcile(): Promise<Result> {
    const context = { signal: new AbortController().signal, log: silentLogger };
    return new KubemarkMachineReconciler(this.#deps()).reconcile(context, key);
  }

  /**
   * A provider that is killed when its n-th write is stored, if it comes to that, with the others at
   * work; true when it was killed.
   */
  async liveUntilWrite(lethalWrite: number, isDone: () => boolean): Promise<boolean> {
    let writes = 0;
    this.#isKilled = false;
    this.client.answered = () => {
      writes += 1;
      if (writes === lethalWrite) this.#isKilled = true;
      if (this.#isKilled) throw new Error('killed');
    };
    this.client.intercept = () => {
      if (this.#isKilled) throw new Error('dead');
    };
    try {
      while (!isDone()) {
        await this.reconcile();
        await this.clock.advance(1_000);
        await this.#letOthersWork();
      }
    } catch (error) {
      if (!this.#isKilled) throw error;
    } finally {
      this.#isKilled = false;
      this.client.intercept = () => {};
      this.client.answered = () => {};
    }
    return writes >= lethalWrite;
  }

  /** Until it is Ready, with the others at work. */
  async provision(): Promise<void> {
    await this.liveUntilWrite(Infinity, () => this.ready?.status === 'True');
  }

  async markDeleted(): Promise<void> {
    const deletionTimestamp = new Date(this.clock.now()).toISOString();
    await this.client.patch(kubemarkMachines, key, { metadata: { deletionTimestamp } });
  }

  /** The workload cluster signs what is approved, a kubelet runs the Pod. Nobody dies of that. */
  async #letOthersWork(): Promise<void> {
    const { answered } = this.client;
    this.client.answered = () => {};
    const certificate = Buffer.from(await someCertificate(validity)).toString('base64');
    for (const { metadata, status } of this.client.all(certificateSigningRequests)) {
      if (status?.conditions === undefined) continue;
      const name = { namespace: '', name: metadata.name ?? '' };
      await this.client.patch(certificateSigningRequests, name, { status: { certificate } });
    }
    for (const pod of this.client.all<Pod>(pods)) {
      const status = { phase: 'Running', podIP: '10.0.0.1' };
      await this.client.patch(pods, { ...key, name: pod.metadata.name ?? '' }, { status });
    }
    this.client.answered = answered;
  }

  #deps(): Deps {
    const { client, clock } = this;
    const server = 'https://workload.example.com';
    const config = { server, namespace: 'default', credentials: () => Promise.reject(new Error()) };
    return {
      client,
      clock,
      kubemarkMachines: cacheOf(client, kubemarkMachines),
      machines: cacheOf(client, clusterMachines('v1beta2')),
      clusters: cacheOf(client, clusters('v1beta2')),
      pods: cacheOf(client, pods),
      remoteClusters: {
        find: () => Promise.resolve({ config, client, data: {} }),
        ask: async (_, requests) => {
          if (this.isSilent) throw new Waiting('ClusterUnreachable', 'no answer', 5_000);
          return requests(1_000);
        },
      },
      events: { event: () => {} },
      options: { allowForeignSecrets: false, hollowNodeImage: 'example.com/hollow-node' },
    };
  }

  /** Names of what the provider has made, by kind. */
  get made(): { pods: string[]; secrets: string[]; requests: number } {
    const names = (kind: Kind): string[] =>
      this.client.all(kind).map(({ metadata }) => metadata.name ?? '');
    return {
      pods: names(pods),
      secrets: names(secrets),
      requests: names(certificateSigningRequests).length,
    };
  }
}

/** Never late. */
function cacheOf<T extends KubernetesObject>(client: MemoryClient, kind: Kind<T>): Cache<T> {
  return {
    kind,
    get: (objectKey: ObjectKey) => client.peek(kind, objectKey),
    list: () => client.all(kind),
    byIndex: () => [],
    observe: () => {},
  };
}
