import type { Node } from '#api/core.ts';
import { nodes } from '#api/core.ts';
import type { Fault } from '#api/faults/decode.ts';
import { treatmentOf } from '#api/faults/effects.ts';
import { timestamp } from '#api/timestamp.ts';
import { Reflector } from '#runtime/cache/reflector.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import { FaultSchedule, type FaultMoment } from '#hollow-node/fault-schedule.ts';
import { faultyClient } from '#hollow-node/faulty-client.ts';
import { Injections } from '#hollow-node/injections.ts';
import { together } from '#hollow-node/together.ts';
import type { Answer, Exchange } from './exchange.ts';
import { Heartbeats } from './heartbeats.ts';
import { nodeIn, registrationFor } from './registration.ts';
import { requestKind, type RequestKind } from './request-kind.ts';
import { StatusKeeper } from './status-keeper.ts';
import type { Upstream, UpstreamRequest } from './upstream.ts';

export interface ProxiedNodeOptions {
  name: string;
  faults: readonly Fault[];
  /** Monotonic time from which the faults' times are counted. */
  origin: number;
  upstream: Upstream;
  /** For what the proxy asks itself. */
  client: Client;
  clock: Clock;
  log: Logger;
  /** 0 ≤ x < 1 */
  random: () => number;
}

/** One kubelet behind the proxy: what it asks passes through here, and suffers what faults say. */
export class ProxiedNode {
  readonly faults: FaultSchedule;
  readonly #options: ProxiedNodeOptions;
  readonly #keeper: StatusKeeper;
  readonly #heartbeats: Heartbeats;
  readonly #injections: Injections;
  readonly #open = new Set<Exchange>();
  #hasJoined = false;

  constructor(options: ProxiedNodeOptions) {
    const { name, clock, origin } = options;
    const log = options.log.with({ Node: name });
    this.faults = new FaultSchedule(options.faults, clock, origin);
    this.#options = { ...options, log };
    const client = faultyClient({ ...options, faults: this.faults });
    this.#keeper = new StatusKeeper({ ...options, client, log, faults: this.faults });
    this.#injections = new Injections(name, { faults: this.faults, clock, log });
    this.#heartbeats = new Heartbeats(this.faults, clock);
  }

  /** Ends when `signal` aborts. */
  run(signal: AbortSignal): Promise<void> {
    this.#options.log.info('Counting the times of faults from now', {
      faults: this.#options.faults.map(({ type }) => type),
    });
    return together(signal, [
      (stop) => this.#watch(stop),
      (stop) => this.#keeper.run(stop),
      (stop) => this.#cut(stop),
    ]);
  }

  /** Answers a request of the kubelet, or breaks the connection. */
  async serve(exchange: Exchange, target: string): Promise<void> {
    this.#open.add(exchange);
    try {
      await this.#serve(exchange, target);
    } catch (error) {
      exchange.sever();
      if (exchange.signal.aborted) return; // nobody waits for an answer
      this.#options.log.error('Failed to pass on a request', error, {
        request: `${exchange.method} ${target.split('?', 1)[0]}`,
      });
    } finally {
      this.#open.delete(exchange);
    }
  }

  async #serve(exchange: Exchange, target: string): Promise<void> {
    const { name, clock, random } = this.#options;
    const { method, headers, signal } = exchange;
    const kind = requestKind(method, target, name);
    const moment = await this.#whenDecided(kind, signal);
    if (moment.isCut) return exchange.sever();
    const { delay, code } = treatmentOf(moment, random);
    const body = await exchange.body();
    if (delay > 0) await clock.sleep(delay, signal);
    if (code !== undefined) return exchange.answer(failure(code));
    const request = { method, target, headers, body, signal };
    switch (kind) {
      case 'registration':
        return exchange.answer(await this.#register(request));
      case 'status': {
        const patch = parsed(body);
        if (patch === undefined) return this.#pass(exchange, request); // the API server says why not
        return exchange.answer(await this.#passStatus(request, patch));
      }
      case 'heartbeat': {
        const send = (): Promise<Answer> => this.#options.upstream.exchange(request);
        return exchange.answer(await this.#heartbeats.renew(send, signal));
      }
      case 'watch':
      case 'pod':
      case 'other':
        return this.#pass(exchange, { ...request, isWatch: kind === 'watch' });
    }
  }

  /** How things are, once that is so. */
  async #whenDecided(kind: RequestKind, signal: AbortSignal): Promise<FaultMoment> {
    const isDecided = (moment: FaultMoment): boolean => this.#isDecided(moment, kind);
    const now = this.faults.now();
    if (isDecided(now)) return now;
    await this.faults.until(isDecided, signal);
    return this.faults.now();
  }

  /** Whether it is known what becomes of a request; else it waits, as if nobody answered. */
  #isDecided({ isCut, mayJoin, arePodsFrozen }: FaultMoment, kind: RequestKind): boolean {
    if (isCut) return true;
    return (mayJoin || this.#hasJoined) && !(arePodsFrozen && kind === 'pod');
  }

  async #pass(exchange: Exchange, request: UpstreamRequest): Promise<void> {
    const answer = await this.#options.upstream.stream(request);
    await exchange.relay(answer, request.isWatch === true);
  }

  /** Kubelets read JSON whatever they send, so the answer can be looked at. */
  async #register(request: UpstreamRequest): Promise<Answer> {
    const { upstream, clock, log } = this.#options;
    const now = timestamp(clock.now());
    const asked = await registrationFor(request, this.faults, upstream, now);
    if (asked.said !== undefined) this.#keeper.registered(asked.said);
    const answer = await upstream.exchange(asked.request);
    const node = nodeIn(answer);
    if (node !== undefined) {
      log.info('Registered the node');
      if (asked.said === undefined) this.#keeper.registered(node.status?.conditions ?? []);
      this.#see(node);
    }
    return answer;
  }

  async #passStatus(request: UpstreamRequest, asked: unknown): Promise<Answer> {
    const { upstream } = this.#options;
    const headers = { ...request.headers, accept: 'application/json' };
    const { promise, resolve } = Promise.withResolvers<Answer>();
    await this.#keeper.pass(asked, async (patch) => {
      const body = Buffer.from(JSON.stringify(patch));
      const answer = await upstream.exchange({ ...request, headers, body });
      resolve(answer);
      return nodeIn(answer);
    });
    return promise;
  }

  /** Follows the Node, whatever the kubelet is kept from. */
  #watch(signal: AbortSignal): Promise<void> {
    const { name, client, clock, log, random } = this.#options;
    const reflector = new Reflector({
      client,
      clock,
      log,
      random,
      kind: nodes,
      fieldSelector: `metadata.name=${name}`,
      sink: {
        replace: ([node]) => this.#see(node),
        apply: (type, node) => this.#see(type === 'DELETED' ? undefined : node),
      },
    });
    return reflector.run(signal);
  }

  #see(node: Node | undefined): void {
    this.#keeper.observe(node);
    if (node !== undefined) void this.#injections.observe(node); // who waits for faults is told
    if (node === undefined || this.#hasJoined) return;
    this.#hasJoined = true;
    this.faults.recheck();
  }

  async #cut(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    for (;;) {
      await this.faults.until(({ isCut }) => isCut, signal);
      log.info('Cutting the node off');
      for (const exchange of this.#open) exchange.sever();
      this.#keeper.disconnected();
      let hasCrashed = false;
      await this.faults.until(({ isCut, isDown }) => {
        hasCrashed ||= isDown;
        return !isCut;
      }, signal);
      log.info('Connecting the node again');
      this.#heartbeats.restart();
      if (hasCrashed) this.#keeper.restarted();
      else this.#keeper.reconnected();
    }
  }
}

/** `undefined`: that is no JSON. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function failure(code: number): Answer {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code };
  const body = Buffer.from(JSON.stringify({ ...status, message: 'failing on request' }));
  return { statusCode: code, headers: { 'content-type': 'application/json' }, body };
}
