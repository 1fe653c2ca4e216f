import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodes } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { machineGroups } from '#api/machine-groups.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { nodeNameIn } from '#controller/hollow-pod/names.ts';
import type { ListenAddress } from '#runtime/address.ts';
import { Reflector } from '#runtime/cache/reflector.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { History } from './history.ts';
import { page } from './page.ts';
import { draw, type Screen } from './terminal.ts';

export interface TimelineOptions {
  /** Of the cluster that has the machines. */
  client: Client;
  /** Of the cluster that has the Nodes, where that is another one. */
  nodeClient?: Client;
  clock: Clock;
  /** Only machines of this one; empty: of all. */
  namespace?: string;
}

/** Watches machines of every kind and Nodes, and shows what became of them since it was made. */
export class Timeline {
  readonly #options: TimelineOptions;
  readonly #history = new History();
  readonly #from: number;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#from = options.clock.now();
  }

  /**
   * Ends when `signal` aborts. A kind that the API server does not have is asked for again, at most every 30
   * seconds: it may be installed later.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { client, nodeClient = client, clock, namespace = '' } = this.#options;
    const follow = <T extends KubernetesObject>(
      kind: Kind<T>,
      nodeNameOf: (machine: T) => string | undefined,
    ): Promise<void> =>
      followKind({ client, clock, namespace }, kind, signal, (machine, ...how) =>
        this.#history.machine(machine, nodeNameOf(machine), ...how),
      );
    const everywhere = { client: nodeClient, clock, namespace: '' };
    await Promise.all([
      followKind(everywhere, nodes, signal, (...told) => this.#history.node(...told)),
      ...Object.values(machineGroups).map(({ machines }) =>
        follow(machines, ({ status }) => status?.nodeRef?.name),
      ),
      follow(kubemarkMachines, ({ spec }) => nodeNameIn(spec?.providerID ?? '')),
    ]);
  }

  /** For a terminal. */
  draw(screen: Screen): string {
    return draw(this.#history.lanes, { ...this.#range, ...screen });
  }

  /** @param isLive it loads itself again each second */
  page(isLive: boolean): string {
    return page(this.#history.lanes, this.#range, isLive);
  }

  get #range(): { from: number; to: number } {
    return { from: this.#from, to: this.#options.clock.now() };
  }
}

/** Shows the live page. */
export async function serveTimeline(
  timeline: Timeline,
  { host = '127.0.0.1', port }: ListenAddress,
): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(timeline.page(true));
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(port, host, listening.resolve);
  await listening.promise;
  const address: AddressInfo | string | null = server.address();
  const actual = address !== null && typeof address === 'object' ? address.port : port;
  return {
    url: `http://${host}:${actual}/`,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function followKind<T extends KubernetesObject>(
  { client, clock, namespace }: Required<Omit<TimelineOptions, 'nodeClient'>>,
  kind: Kind<T>,
  signal: AbortSignal,
  tell: (object: T, isGone: boolean, now: number) => void,
): Promise<void> {
  const known = new Map<string, T>();
  const show = (object: T, isGone: boolean): void => {
    const uid = object.metadata.uid ?? '';
    if (isGone) known.delete(uid);
    else known.set(uid, object);
    tell(object, isGone, clock.now());
  };
  const reflector = new Reflector({
    client,
    kind,
    clock,
    log: silentLogger,
    namespace,
    sink: {
      replace: (objects) => {
        const present = new Set(objects.map(({ metadata }) => metadata.uid));
        for (const object of known.values()) {
          if (!present.has(object.metadata.uid)) show(object, true);
        }
        for (const object of objects) show(object, false);
      },
      apply: (type, object) => show(object, type === 'DELETED'),
    },
  });
  await reflector.run(signal);
}
