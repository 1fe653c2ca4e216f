import { customResourceDefinition } from '#api/custom-kind.ts';
import { customKinds } from '#api/kinds.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { createManager } from '#controller/cmd/manager.ts';
import { program as managerProgram, type ManagerOptions } from '#controller/cmd/options.ts';
import { runHollowNode } from '#hollow-node/hollow-node.ts';
import { PodAddresses } from '#hollow-node/pod-addresses.ts';
import type { Client } from '#runtime/client/client.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { realClock, type Clock } from '#runtime/clock.ts';
import { defaultValues } from '#runtime/flags.ts';
import type { Logger } from '#runtime/log.ts';
import type { Manager } from '#runtime/manager.ts';
import { Metrics } from '#runtime/metrics.ts';
import { ApiServer } from './apiserver/server.ts';
import { applyObjects } from './apply.ts';
import { controllers, type ControllersOptions } from './controllers/index.ts';
import { hostNode } from './host-node.ts';
import type { FileObject } from './objects.ts';
import { ProgramRuntime } from './program-runtime.ts';
import { hollowNodeImage, Programs } from './programs.ts';

export interface LocalClusterOptions {
  clock: Clock;
  log: Logger;
  /** 0: any free one. */
  port?: number;
  /** One that listens already; absent: the embedded one. */
  server?: ClusterServer;
  /** `false`: others control this cluster. */
  controllers?: Partial<ControllersOptions> | false;
  /** Flags of its managers. */
  manager?: Partial<ManagerOptions>;
}

/** What a cluster needs of its API server, and tests can do with it. */
export type ClusterServer = Pick<
  ApiServer,
  'url' | 'kubeconfig' | 'close' | 'faults' | 'onRequest'
>;

/** Where the manager puts hollow-node Pods, by default. */
export const podNamespace = 'kubemark-actuator';

/** A cluster in this process: API server, control plane, one node that runs known programs. */
export class LocalCluster {
  readonly server: ClusterServer;
  readonly client: KubeClient;
  readonly programs: Programs;
  readonly #options: LocalClusterOptions;
  readonly #runtime: ProgramRuntime;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];

  private constructor(server: ClusterServer, options: LocalClusterOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.server = server;
    this.client = this.newClient('local');
    this.programs = new Programs({ client: this.newClient('hollow-kubelet'), clock, log });
    this.#runtime = new ProgramRuntime({
      programs: this.programs,
      clock,
      addresses: new PodAddresses(hostNode.name),
    });
  }

  get url(): string {
    return this.server.url;
  }

  /** Opens the API server, with our kinds and namespaces. Nothing acts on objects before `start`. */
  static async open(options: LocalClusterOptions): Promise<LocalCluster> {
    const server = options.server ?? (await embeddedServer(options));
    const cluster = new LocalCluster(server, options);
    await cluster.apply(initialObjects());
    return cluster;
  }

  /** Sockets live in real time, whatever clock the cluster has. */
  newClient(userAgent: string): KubeClient {
    return new KubeClient({ server: this.url, clock: realClock, userAgent });
  }

  /** @throws FileError */
  apply(objects: readonly FileObject[]): Promise<void> {
    return applyObjects(this.client, objects);
  }

  /** Starts the control plane and the node; returns at once. */
  start(): void {
    const { clock, log, controllers: options = {} } = this.#options;
    if (options !== false) {
      const client = this.newClient('control-plane');
      const controlPlane = controllers({ client, clock, log, options });
      this.run((signal) => controlPlane.run(signal));
    }
    this.run((signal) =>
      runHollowNode({
        options: hostNode,
        client: this.newClient('kubelet'),
        clock,
        log,
        signal,
        address: '127.0.0.1',
        runtime: this.#runtime,
      }),
    );
  }

  /** A manager for this cluster, not started. */
  createManager(
    client: Client = this.newClient('manager'),
    flags: Partial<ManagerOptions> = {},
  ): Manager {
    const { clock, log, manager } = this.#options;
    const options = {
      ...defaultValues(managerProgram),
      'hollow-node-image': hollowNodeImage,
      'pod-namespace': podNamespace,
      'health-addr': '0',
      'metrics-addr': '0',
      ...manager,
      ...flags,
    };
    const metrics = new Metrics();
    return createManager(options, {
      client,
      leaseClient: client,
      clock,
      log,
      metrics,
      leaseNamespace: podNamespace,
    });
  }

  /** Runs a manager until the cluster stops; returns at once. */
  startManager(): void {
    this.run((signal) => this.createManager().run(signal));
  }

  /** Ends everything, as a machine that is switched off. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#runtime.stopAll();
    await this.server.close(); // what still waits for an answer gets none
    await Promise.allSettled(this.#running);
  }

  /** Runs a part of the cluster: its signal aborts when the cluster stops, which waits for its end. */
  run(part: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#stop;
    const running = part(signal).catch((error: unknown) => {
      if (!signal.aborted) this.#options.log.error('A part of the cluster has failed', error);
    });
    this.#running.push(running);
  }
}

async function embeddedServer(options: LocalClusterOptions): Promise<ApiServer> {
  const { clock, log, port = 0 } = options;
  const server = new ApiServer({ clock, log });
  await server.listen({ port });
  return server;
}

function initialObjects(): FileObject[] {
  const objects: KubernetesObject[] = [
    ...customKinds.map(customResourceDefinition),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: podNamespace } },
  ];
  return objects.map((object) => ({ object, source: object.kind }));
}
