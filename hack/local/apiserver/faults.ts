/** Trouble that a test orders: slow, failing, lost and conflicting requests, watches that break. */
import type { ResourceRequest, Verb } from './request.ts';
import { staleVersion, StatusError } from './status.ts';

/** Which requests; what is absent matches anything. */
export interface FaultSelector {
  verb?: Verb | readonly Verb[];
  /** Lower-case plural. */
  resource?: string;
  namespace?: string;
  name?: string;
  subresource?: string;
  /** A part of the User-Agent header. */
  userAgent?: string;
}

export interface Fault extends FaultSelector {
  /** How many requests are hit before the fault is gone; absent: all until `clear`. */
  times?: number;
  /** Milliseconds of the server's clock before the request is looked at. */
  latency?: number;
  /** The answer, in place of doing anything. */
  error?: { code: number; reason: string; message: string; retryAfterSeconds?: number };
  /** `before`: nothing is done; `after`: it is done, but the client does not hear of it. */
  dropConnection?: 'before' | 'after';
  /** Answers that the object has been modified, in place of doing anything. */
  conflict?: boolean;
}

/** What can be told of a watch when choosing those to drop. */
export type WatchSelector = Pick<FaultSelector, 'resource' | 'namespace' | 'userAgent'>;

export interface OpenWatch {
  readonly request: ResourceRequest;
  readonly stream: { drop(): void };
}

export class Faults {
  #faults: Fault[] = [];
  readonly #watches = new Set<OpenWatch>();
  /** Milliseconds after which the server ends every new watch; `undefined`: as it would anyway. */
  watchLifetime: number | undefined;

  /** Returns what takes the fault away again. */
  add(fault: Fault): () => void {
    const active = { ...fault };
    this.#faults.push(active);
    return () => this.#remove(active);
  }

  clear(): void {
    this.#faults = [];
    this.watchLifetime = undefined;
  }

  /** Breaks the connections of open watches; returns how many there were. */
  dropWatches(selector: WatchSelector = {}): number {
    const chosen = [...this.#watches].filter(({ request }) => matches(selector, request));
    for (const { stream } of chosen) stream.drop();
    return chosen.length;
  }

  /** The first fault that applies, its count reduced. For the server. */
  take(request: ResourceRequest): Fault | undefined {
    const fault = this.#faults.find((candidate) => matches(candidate, request));
    if (fault?.times === undefined) return fault;
    fault.times--;
    if (fault.times <= 0) this.#remove(fault);
    return fault;
  }

  /** For the server: watches that `dropWatches` may choose. */
  track(watch: OpenWatch): () => void {
    this.#watches.add(watch);
    return () => this.#watches.delete(watch);
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  #remove(fault: Fault): void {
    this.#faults = this.#faults.filter((other) => other !== fault);
  }
}

/** The error that a fault asks for, if it does. */
export function errorOf(fault: Fault, request: ResourceRequest): StatusError | undefined {
  if (fault.conflict === true) {
    return staleVersion({ group: request.group, plural: request.resource }, request.name);
  }
  if (fault.error === undefined) return undefined;
  const { code, reason, message, retryAfterSeconds } = fault.error;
  const details = retryAfterSeconds === undefined ? undefined : { retryAfterSeconds };
  return new StatusError(code, reason, message, details);
}

function matches(selector: FaultSelector, request: ResourceRequest): boolean {
  const { verb, userAgent } = selector;
  if (verb !== undefined && ![verb].flat().includes(request.verb)) return false;
  if (userAgent !== undefined && !request.userAgent.includes(userAgent)) return false;
  return (['resource', 'namespace', 'name', 'subresource'] as const).every(
    (field) => selector[field] === undefined || selector[field] === request[field],
  );
}
