import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A cable between a node and its API server that can be cut. */
export class Relay implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#pass(socket));
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;
  #isCut = false;

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  /** @param target where the API server is */
  static async open(target: string): Promise<Relay> {
    const relay = new Relay(target);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    relay.#server.once('error', reject);
    relay.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return relay;
  }

  /** Where the API server seems to be. */
  get url(): string {
    const address: AddressInfo | string | null = this.#server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    return `${this.#target.protocol}//127.0.0.1:${port}`;
  }

  /** Breaks all connections and accepts none. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #pass(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(this.#target.port), this.#target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('error', () => other.destroy());
      socket.once('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
