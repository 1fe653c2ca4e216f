import type { ServerResponse } from 'node:http';
import type { ExecutionContext } from 'ava';
import type { KubernetesObject } from '#api/meta.ts';
import { sendJson, sendStatus, startPeer, type Peer, type PeerRequest } from './http-peer.ts';

/** A server that lists and watches one collection, and whose watches the test can break. */
export class WatchPeer {
  readonly peer: Peer;
  /** Answers the next requests instead of the peer, first come first. */
  readonly answers: ((response: ServerResponse, request: PeerRequest) => void)[] = [];
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #log: { version: number; line: string }[] = [];
  readonly #watches = new Set<ServerResponse>();
  /** A watch from an older version gets 410. */
  #oldest = 0;
  #version = 1;

  static async start(t: ExecutionContext): Promise<WatchPeer> {
    const peer = await startPeer(t, (response, request) => watchPeer.#respond(response, request));
    const watchPeer: WatchPeer = new WatchPeer(peer);
    return watchPeer;
  }

  private constructor(peer: Peer) {
    this.peer = peer;
  }

  get version(): number {
    return this.#version;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** The requests so far: `list`, `list C` (continued), `watch V` (from version V). */
  get requests(): string[] {
    return this.peer.requests.map(({ url: { searchParams } }) => {
      const continued = searchParams.get('continue');
      if (searchParams.get('watch')) return `watch ${searchParams.get('resourceVersion')}`;
      return continued === null ? 'list' : `list ${continued}`;
    });
  }

  put(object: KubernetesObject): void {
    const name = object.metadata.name ?? '';
    const type = this.#objects.has(name) ? 'MODIFIED' : 'ADDED';
    const stored = this.#stamp(object);
    this.#objects.set(name, stored);
    this.#emit(type, stored);
  }

  delete(name: string): void {
    const object = this.#objects.get(name);
    if (object === undefined) throw new Error(`there is no ${name}`);
    this.#objects.delete(name);
    this.#emit('DELETED', this.#stamp(object));
  }

  bookmark(): void {
    this.#version += 1;
    const metadata = { resourceVersion: String(this.#version) };
    this.#emit('BOOKMARK', { apiVersion: 'v1', kind: 'Pod', metadata });
  }

  /** Ends all watches as the server does when their time is over. */
  endWatches(): void {
    for (const watch of this.#closing()) watch.end();
  }

  /** Cuts the connections of all watches. */
  dropWatches(): void {
    for (const watch of this.#closing()) watch.destroy();
  }

  /** Forgets history: only a list leads on. Tells watches that are open. */
  expire(): void {
    this.#oldest = this.#version;
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    for (const watch of this.#closing()) {
      watch.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    }
  }

  /** Nothing is sent to them any more. */
  #closing(): ServerResponse[] {
    const watches = [...this.#watches];
    this.#watches.clear();
    return watches;
  }

  #stamp(object: KubernetesObject): KubernetesObject {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    return { ...object, metadata };
  }

  #emit(type: string, object: KubernetesObject): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    if (type !== 'BOOKMARK') this.#log.push({ version: this.#version, line });
    for (const watch of this.#watches) watch.write(line);
  }

  #respond(response: ServerResponse, request: PeerRequest): void {
    const answer = this.answers.shift();
    const { searchParams } = request.url;
    if (answer !== undefined) answer(response, request);
    else if (searchParams.get('watch')) this.#watch(response, searchParams);
    else {
      const metadata = { resourceVersion: String(this.#version) };
      sendJson(response, { metadata, items: [...this.#objects.values()] });
    }
  }

  #watch(response: ServerResponse, searchParams: URLSearchParams): void {
    const from = Number(searchParams.get('resourceVersion'));
    if (from < this.#oldest) return sendStatus(response, 410, 'Expired');
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
    response.flushHeaders();
    for (const { version, line } of this.#log) if (version > from) response.write(line);
  }
}
