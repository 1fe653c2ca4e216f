import { setTimeout as realSleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { Event, Lease, Node, Pod } from '#api/core.ts';
import { events, leases, nodes, pods } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import type { KubernetesObject, ObjectMeta } from '#api/meta.ts';
import { timestamp } from '#api/timestamp.ts';
import type { ApiServer } from '#local/apiserver/server.ts';
import type { Client } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { startApiServer } from '#test/helpers/api-server.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import type { ControllersOptions } from '../index.ts';
import { controllers } from '../index.ts';
import { findCondition } from '../objects/pod.ts';

/** An API server with these controllers, whose time stands still until the test moves it. */
export class World {
  readonly clock: FakeClock;
  readonly server: ApiServer;
  readonly client: Client;
  #requests = 0;

  constructor(clock: FakeClock, server: ApiServer, client: Client) {
    this.clock = clock;
    this.server = server;
    this.client = client;
    server.onRequest(() => (this.#requests += 1));
  }

  /** Moves time in steps that are short beside every period of the controllers. */
  async advance(seconds: number): Promise<void> {
    await this.quiet();
    for (let rest = seconds; rest > 0; rest -= 1) {
      await this.clock.advance(Math.min(1, rest) * 1000);
      await this.quiet();
    }
  }

  /** Resolves when no request has been answered for a few milliseconds. */
  async quiet(): Promise<void> {
    for (let calm = 0, seen = this.#requests; calm < 4; calm++) {
      await realSleep(1);
      if (this.#requests !== seen) calm = -1;
      seen = this.#requests;
    }
  }

  /** What an object is once nothing moves any more. */
  async settled<T extends KubernetesObject>(kind: Kind<T>, object: T): Promise<T | undefined> {
    await this.quiet();
    return ifFound(this.client.get(kind, keyOf(object)));
  }

  /** Waits, in real time, until `check` holds; time in the world stands still. */
  async until(what: string, check: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!(await check())) {
      if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
      await realSleep(5);
    }
  }

  async node(name: string): Promise<Node> {
    return this.client.get(nodes, { namespace: '', name });
  }

  /** As a kubelet registers it, Ready. */
  async addNode(
    name: string,
    overrides: { labels?: Record<string, string>; cpu?: string } = {},
  ): Promise<Node> {
    const { labels = {}, cpu = '4' } = overrides;
    const resources = { cpu, memory: '8Gi', pods: '110', 'ephemeral-storage': '0' };
    const status = {
      capacity: resources,
      allocatable: resources,
      conditions: this.#conditions('True'),
    };
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status };
    return this.client.create(nodes, node);
  }

  /** Posts a status as a kubelet: a heartbeat, perhaps with another state. */
  async report(name: string, ready = 'True', more: Record<string, string> = {}): Promise<Node> {
    const patch = { status: { conditions: this.#conditions(ready, more) } };
    const options = { subresource: 'status', type: 'strategic' } as const;
    return this.client.patch(nodes, { namespace: '', name }, patch, options);
  }

  /** Renews a node's lease as a kubelet, creating it first. */
  async renewLease(name: string): Promise<Lease> {
    const key = { namespace: 'kube-node-lease', name };
    const spec = { renewTime: `${timestamp(this.clock.now()).slice(0, -1)}.000000Z` };
    const known = await ifFound(this.client.get(leases, key));
    if (known !== undefined) return this.client.patch(leases, key, { spec });
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: key, spec };
    return this.client.create(leases, lease);
  }

  async addPod(
    name: string,
    spec: Partial<NonNullable<Pod['spec']>> = {},
    metadata: ObjectMeta = {},
  ): Promise<Pod> {
    return this.client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', ...metadata },
      spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
    });
  }

  /** Writes a Pod's status as a kubelet. */
  async run(pod: Pod, ready = 'True'): Promise<Pod> {
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] };
    const options = { subresource: 'status', type: 'strategic' } as const;
    return this.client.patch(pods, keyOf(pod), { status }, options);
  }

  /** The reasons of the events about an object, in order of their creation. */
  async reasons(object: KubernetesObject): Promise<string[]> {
    return (await this.events(object)).map(({ reason }) => reason ?? '');
  }

  async events(object: KubernetesObject): Promise<Event[]> {
    await this.quiet();
    const { items } = await this.client.list(events);
    return items
      .filter(({ involvedObject }) => involvedObject.uid === object.metadata.uid)
      .toSorted((a, b) => versionOf(a) - versionOf(b));
  }

  #conditions(ready: string, more: Record<string, string> = {}) {
    const now = timestamp(this.clock.now());
    const states = {
      MemoryPressure: 'False',
      DiskPressure: 'False',
      PIDPressure: 'False',
      ...more,
    };
    return Object.entries({ ...states, Ready: ready }).map(([type, status]) => ({
      type,
      status,
      reason: 'KubeletSaysSo',
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    }));
  }
}

/** Runs until the test ends. */
export async function startWorld(
  t: ExecutionContext,
  options: Partial<ControllersOptions> = {},
): Promise<World> {
  const clock = new FakeClock();
  const { server, url } = await startApiServer(t, { clock });
  const clientOf = (userAgent: string): KubeClient => {
    const client = new KubeClient({ server: url, userAgent, clock: realClock });
    t.teardown(() => client.close());
    return client;
  };
  const world = new World(clock, server, clientOf('test'));
  const stop = new AbortController();
  const client = clientOf('controllers');
  const running = controllers({ client, clock, log: silentLogger, options }).run(stop.signal);
  t.teardown(async () => {
    stop.abort();
    await running;
  });
  await world.quiet();
  return world;
}

export function taintsOf(node: Node): string[] {
  return (node.spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
}

export function readyOf(object: Node | Pod): string | undefined {
  const conditions: readonly { type: string; status: string }[] = object.status?.conditions ?? [];
  return findCondition(conditions, 'Ready')?.status;
}

function versionOf({ metadata }: KubernetesObject): number {
  return Number(metadata.resourceVersion);
}
