/** What tests of the API are written in. They share one server and run side by side. */
import { randomBytes } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { HttpApi, type Reply } from '#local/apiserver/testing.ts';
import { openBackend, type Backend, type BackendName } from './backend.ts';

let opened: Promise<Backend> | undefined;

test.after.always('the server ends', async () => {
  if (opened !== undefined) await (await opened).close();
});

/** The server of a test, in which nothing is called as in another test. */
export class Api extends HttpApi {
  readonly backend: BackendName;
  /** Of the Kubernetes release that answers: 20 for 1.20. */
  readonly minor: number;
  readonly #t: ExecutionContext;
  readonly #server: Backend;

  constructor(t: ExecutionContext, server: Backend, minor: number) {
    super(t, server.url);
    this.#t = t;
    this.#server = server;
    this.backend = server.name;
    this.minor = minor;
  }

  expireHistory(): Promise<void> {
    return this.#server.expireHistory();
  }

  /** Resolves to the answer, which must have one of the codes; 200 and 201 unless told otherwise. */
  async must(reply: Promise<Reply>, ...codes: number[]): Promise<Reply> {
    const answer = await reply;
    const accepted = codes.length === 0 ? [200, 201] : codes;
    if (!accepted.includes(answer.code)) throw new Error(`${answer.code}: ${answer.text}`);
    return answer;
  }

  /** Is done when the test has ended. */
  cleanUp(task: () => Promise<unknown>): void {
    this.#t.teardown(task);
  }

  /** A new namespace in which Pods can be created; resolves to its path. It goes with the server. */
  async namespace(): Promise<string> {
    const name = uniqueName('conformance');
    await this.must(this.post('/api/v1/namespaces', { metadata: { name } }));
    const path = `/api/v1/namespaces/${name}`;
    // The controller manager makes it too, but later.
    await this.must(
      this.post(`${path}/serviceaccounts`, { metadata: { name: 'default' } }),
      201,
      409,
    );
    return path;
  }

  /** The path of Leases in a new namespace: nobody but the test creates any. */
  async leases(): Promise<string> {
    const path = await this.namespace();
    return `/apis/coordination.k8s.io/v1${path.slice('/api/v1'.length)}/leases`;
  }

  /** Waits, in real time, until `check` gives something. */
  async eventually<T>(what: string, check: () => Promise<T | undefined | false>): Promise<T> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const result = await check();
      if (result !== undefined && result !== false) return result;
      if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits until an object does not exist any more. */
  async gone(path: string): Promise<void> {
    await this.eventually(
      `${path} is gone`,
      async () => (await this.get(path)).code === 404 || undefined,
    );
  }
}

export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}

type Body = (t: ExecutionContext, api: Api) => Promise<void>;

/** A test of what any API server does. */
export function conformance(title: string, body: Body): void {
  test(title, async (t) => body(t, await openApi(t)));
}

/** One that others must not run beside. */
conformance.serial = (title: string, body: Body): void => {
  test.serial(title, async (t) => body(t, await openApi(t)));
};

async function openApi(t: ExecutionContext): Promise<Api> {
  opened ??= openBackend();
  const server = await opened;
  const { body } = await new HttpApi(t, server.url).get('/version');
  return new Api(t, server, Number.parseInt(String(body['minor']), 10));
}

/** What a refusal says, as one comparable value. */
export function refusal({ code, body }: Reply): object {
  const { reason, message, details } = body;
  return { code, reason, message, ...(details?.causes && { causes: details.causes }) };
}

/** What every refusal has, where its wording is the server's own affair. */
export function outcome({ code, body }: Reply): string {
  return `${code} ${body.reason ?? ''}`.trim();
}
