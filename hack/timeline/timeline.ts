import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodes } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { ListenAddress } from '#runtime/address.ts';
import { Reflector } from '#runtime/cache/reflector.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { History } from './history.ts';
import { page } from './page.ts';
import { draw } from './terminal.ts';

/** Watches Machines and Nodes, and shows what became of them since it was made. */
export class Timeline {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #history = new History();
  readonly #from: number;

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    this.#from = clock.now();
  }

  /** Ends when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const watched = { client: this.#client, clock: this.#clock };
    await Promise.all([
      followKind(watched, nodes, (...told) => this.#history.node(...told), signal),
      followKind(watched, machines, (...told) => this.#history.machine(...told), signal),
    ]);
  }

  /** @param width of the picture, in characters */
  draw(width: number): string {
    return draw(this.#history.lanes, { ...this.#range, width });
  }

  /** @param isLive it loads itself again each second */
  page(isLive: boolean): string {
    return page(this.#history.lanes, this.#range, isLive);
  }

  get #range(): { from: number; to: number } {
    return { from: this.#from, to: this.#clock.now() };
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
  { client, clock }: { client: Client; clock: Clock },
  kind: Kind<T>,
  tell: (object: T, isGone: boolean, now: number) => void,
  signal: AbortSignal,
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
