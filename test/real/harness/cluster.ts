import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  events,
  leases,
  nodes,
  pods,
  type Event,
  type Lease,
  type Node,
  type Pod,
} from '#api/core.ts';
import { runHollowNode } from '#hollow-node/hollow-node.ts';
import { hollowNodeOptions } from '#hollow-node/options.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { loadKubeConfig } from '#runtime/client/kube-config.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { kubemarkFlags } from '#test/helpers/hollow-node.ts';
import type { ControlPlane } from './control-plane.ts';
import { Observation } from './observation.ts';

/** A control plane under observation. */
export class Cluster {
  readonly controlPlane: ControlPlane;
  /** An administrator's. */
  readonly client: KubeClient;
  /** For files of tests. */
  readonly folder: string;
  readonly nodes: Observation<Node>;
  readonly pods: Observation<Pod>;
  readonly leases: Observation<Lease>;
  readonly events: Observation<Event>;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[];

  private constructor(controlPlane: ControlPlane, client: KubeClient, folder: string) {
    this.controlPlane = controlPlane;
    this.client = client;
    this.folder = folder;
    this.nodes = new Observation(client, nodes);
    this.pods = new Observation(client, pods);
    this.leases = new Observation(client, leases);
    this.events = new Observation(client, events);
    const { signal } = this.#stop;
    this.#running = [
      ...[this.nodes, this.pods, this.leases, this.events].map((one) => one.run(signal)),
      this.#runNeighbour(signal),
    ];
  }

  static async open(controlPlane: ControlPlane): Promise<Cluster> {
    const config = await loadKubeConfig({ path: controlPlane.kubeconfig });
    const client = new KubeClient({ config, clock: realClock, userAgent: 'test' });
    return new Cluster(controlPlane, client, await mkdtemp(join(tmpdir(), 'real-test-')));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
    await this.controlPlane.close();
    await rm(this.folder, { recursive: true });
  }

  /** What has been said about an object. */
  eventsAbout(name: string): Event[] {
    return this.events.all().filter(({ involvedObject }) => involvedObject.name === name);
  }

  /**
   * A node that is always well and takes no Pods: where no node is Ready, the lifecycle controller
   * takes itself for the one who is cut off, and evicts nothing.
   */
  #runNeighbour(signal: AbortSignal): Promise<void> {
    return runHollowNode({
      options: hollowNodeOptions(kubemarkFlags('--name=neighbour', '--no-schedule')),
      client: this.client,
      clock: realClock,
      log: silentLogger,
      signal,
      address: '127.0.0.1',
    });
  }
}

/** Opens the one cluster of a test file when the first test asks for it. */
export function sharedCluster(open: () => Promise<ControlPlane>): {
  get: () => Promise<Cluster>;
  close: () => Promise<void>;
} {
  let opened: Promise<Cluster> | undefined;
  return {
    get: () => (opened ??= open().then((controlPlane) => Cluster.open(controlPlane))),
    close: async () => {
      const cluster = await opened?.catch(() => undefined); // the tests have told
      await cluster?.close();
    },
  };
}
