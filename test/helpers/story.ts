import type { ExecutionContext } from 'ava';
import {
  events,
  nodes,
  pods,
  type Event,
  type Node,
  type NodeCondition,
  type Pod,
} from '#api/core.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { podNamespace, type LocalCluster } from '#local/cluster.ts';
import { hostNode } from '#local/host-node.ts';
import type { Client } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { openBackend, type StoryClock } from './backend.ts';
import { GroupClient } from './group-client.ts';
import { machineGroup } from './machine-group.ts';

export { podNamespace };

/** A cluster in which time passes as the story says. */
export class Story {
  readonly clock: StoryClock;
  readonly cluster: LocalCluster;
  readonly client: Client;
  #requests = 0;

  /** @param group whose Machines the story is about */
  constructor(clock: StoryClock, cluster: LocalCluster, group = machineGroup) {
    this.clock = clock;
    this.cluster = cluster;
    this.client = new GroupClient(cluster.newClient('story'), group);
    cluster.server.onRequest(() => (this.#requests += 1));
  }

  /** Lets time pass. */
  async advance(seconds: number): Promise<void> {
    const { step } = this.clock;
    for (let rest = seconds * 1000; rest > 0; rest -= step) {
      await this.clock.advance(Math.min(step, rest));
      await this.quiet();
    }
  }

  /** Resolves when no request has been answered for a moment. */
  async quiet(): Promise<void> {
    for (let calm = 0, seen = this.#requests; calm < 3; calm++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (this.#requests !== seen) calm = -1;
      seen = this.#requests;
    }
  }

  /** Waits, in real time, until `check` gives something; time that can stand still does. */
  async eventually<T>(what: string, check: () => Promise<T | undefined | false>): Promise<T> {
    const deadline = performance.now() + 120_000; // machines of CI can be very busy
    for (;;) {
      const result = await check();
      if (result !== undefined && result !== false) return result;
      if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Stops the cluster; time moves on, or what tries again for some seconds would never give up. */
  async end(): Promise<void> {
    const end = new AbortController();
    const stopped = this.cluster.stop().finally(() => end.abort());
    while (!end.signal.aborted) await this.clock.advance(100);
    await stopped;
  }

  machine(name: string, namespace = 'default'): Promise<Machine | undefined> {
    return ifFound(this.client.get(machines, { namespace, name }));
  }

  node(name: string): Promise<Node | undefined> {
    return ifFound(this.client.get(nodes, { namespace: '', name }));
  }

  pod(name: string): Promise<Pod | undefined> {
    return ifFound(this.client.get(pods, { namespace: podNamespace, name }));
  }

  async hollowPods(): Promise<Pod[]> {
    return (await this.client.list(pods, { namespace: podNamespace })).items;
  }

  async hollowNodes(): Promise<Node[]> {
    const { items } = await this.client.list(nodes);
    return items.filter(({ spec }) => spec?.providerID?.startsWith('kubemark://'));
  }

  create(machine: Machine): Promise<Machine> {
    return this.client.create(machines, machine);
  }

  /** The machine's Node as soon as the machine is Running. */
  async runningNode(name: string, namespace = 'default'): Promise<Node> {
    return this.eventually(`machine ${name} is Running with a Node`, async () => {
      const machine = await this.machine(name, namespace);
      if (machine?.status?.phase !== 'Running') return undefined;
      return this.node(machine.status.nodeRef?.name ?? '');
    });
  }

  /** Calls back for every change of a Node from now on, until the signal aborts. */
  async watchNodes(
    callback: (node: Node) => void,
    signal: AbortSignal,
  ): Promise<{ ended: Promise<void> }> {
    const { resourceVersion } = await this.client.list(nodes);
    const watch = async (): Promise<void> => {
      try {
        for await (const { object } of this.client.watch(nodes, { resourceVersion, signal })) {
          callback(object);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    };
    return { ended: watch() };
  }

  /** The events about an object, in order. */
  async events(name: string): Promise<Event[]> {
    const { items } = await this.client.list(events);
    return items.filter(({ involvedObject }) => involvedObject.name === name);
  }
}

/** An open cluster with control plane and, unless told otherwise, a manager; closed with the test. */
export async function startStory(
  t: ExecutionContext,
  { manager = true, open = openBackend }: { manager?: boolean; open?: typeof openBackend } = {},
): Promise<Story> {
  const backend = await open();
  const { clock, cluster } = backend;
  const story = new Story(clock, cluster);
  t.teardown(async () => {
    await story.end();
    await backend.close();
  });
  cluster.start();
  // A scheduler tries a Pod again only after some time, which stands still here.
  await story.eventually('there is a node for Pods', async () => {
    const node = await story.node(hostNode.name);
    return readyCondition(node)?.status === 'True' && node?.spec?.taints === undefined;
  });
  if (manager) cluster.startManager();
  return story;
}

export interface MachineOverrides {
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** Fields of the provider configuration. */
  config?: Record<string, unknown>;
}

/** A Machine that is fine as it is. */
export function newMachine(name: string, overrides: MachineOverrides = {}): Machine {
  const { namespace = 'default', labels, annotations, config } = overrides;
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: {
      name,
      namespace,
      labels: labels ?? { 'machine.openshift.io/cluster-api-cluster': 'kubemark' },
      ...(annotations && { annotations }),
    },
    spec: {
      providerSpec: {
        value: {
          apiVersion: 'kubemarkproviderconfig.k8s.io/v1alpha1',
          kind: 'KubemarkMachineProviderConfig',
          ...config,
        },
      },
    },
  };
}

export function readyCondition(node: Node | undefined): NodeCondition | undefined {
  return node?.status?.conditions?.find(({ type }) => type === 'Ready');
}
