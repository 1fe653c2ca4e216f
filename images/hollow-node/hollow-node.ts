import type { Node } from '#api/core.ts';
import type { Effects } from '#api/faults/effects.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import { FakeRuntime } from './fake-runtime.ts';
import { FaultSchedule } from './fault-schedule.ts';
import { faultyClient } from './faulty-client.ts';
import { followInjections } from './follow-injections.ts';
import { Injections } from './injections.ts';
import type { Kubelet } from './kubelet.ts';
import { renewLease } from './lease.ts';
import type { HollowNodeOptions } from './options.ts';
import type { NodeIdentity } from './own-node.ts';
import { NodeGoneError, watchNode } from './own-node.ts';
import { PodAddresses } from './pod-addresses.ts';
import type { PodRuntime } from './pod-runtime.ts';
import { PodWorkers } from './pods.ts';
import type { Registration } from './register.ts';
import { register } from './register.ts';
import { StatusReporter } from './status.ts';
import { together } from './together.ts';

export interface HollowNodeParameters {
  options: HollowNodeOptions;
  client: Client;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  /** What the node reports as its InternalIP. */
  address: string;
  /** Default: containers that exist only in the Pods' status. */
  runtime?: PodRuntime;
  /** Monotonic time from which the faults' times are counted. Default: now. */
  origin?: number;
  random?: () => number;
}

/**
 * The node was told to crash, not for how long: its program should exit with an error, as a kubelet
 * that panics, and who runs it decides when it comes back.
 */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/**
 * One hollow node, from its registration until `signal` aborts; then it resolves at once and writes
 * nothing, as a kubelet that is killed. Rejects with `CrashError` when a fault says so.
 */
export async function runHollowNode(parameters: HollowNodeParameters): Promise<void> {
  const {
    options,
    clock,
    signal,
    log,
    origin = clock.monotonic(),
    random = Math.random,
  } = parameters;
  const faults = new FaultSchedule(options.faults, clock, origin);
  const client = faultyClient({ client: parameters.client, faults, clock, random });
  const kubelet: Kubelet = {
    ...parameters,
    client,
    log: log.with({ Node: options.name }),
    faults,
    random,
  };
  const injections = new Injections(options.name, kubelet);
  await together(signal, [
    (stop) => followInjections({ ...kubelet, client: parameters.client }, injections, stop),
    async (stop) => {
      while (!stop.aborted) {
        const runtime = parameters.runtime ?? fakeRuntime(kubelet);
        await runProcess(new HollowNode(kubelet, runtime, injections), kubelet, stop);
      }
    },
  ]);
}

/** What a kubelet does from its start to its end, and until it is time to start again. */
async function runProcess(node: HollowNode, { faults, log }: Kubelet, signal: AbortSignal) {
  await together(signal, [
    async (stop) => {
      await faults.until(({ isDown }) => isDown, stop);
      throw new CrashError('Crashing on request');
    },
    async (stop) => {
      for (;;) {
        await faults.until((moment) => node.mayTalk(moment), stop);
        await node.runUntilUnreachable(stop);
      }
    },
  ]).catch(async (error: unknown) => {
    if (!(error instanceof CrashError) || faults.now().isEnded) throw error;
    log.info('Crashed, starting again later');
    await faults.until(({ isDown }) => !isDown, signal);
  });
}

function fakeRuntime({ clock, options }: Kubelet): PodRuntime {
  return new FakeRuntime({ clock, addresses: new PodAddresses(options.name) });
}

/** What a hollow node remembers over the times when it is cut off. */
class HollowNode {
  readonly #kubelet: Kubelet;
  readonly #pods: PodWorkers;
  readonly #injections: Injections;
  #identity: NodeIdentity | undefined;
  #isGone = false;

  constructor(kubelet: Kubelet, runtime: PodRuntime, injections: Injections) {
    this.#kubelet = kubelet;
    this.#pods = new PodWorkers(kubelet, runtime);
    this.#injections = injections;
  }

  /** Whether anything is sent or received: who has joined, if before a crash, cannot be told not to. */
  mayTalk({ isCut, mayJoin }: Effects): boolean {
    return !isCut && (mayJoin || this.#injections.node !== undefined);
  }

  /** Everything that talks to the API server, and nothing of it after the cut. */
  async runUntilUnreachable(signal: AbortSignal): Promise<void> {
    const { faults, log } = this.#kubelet;
    const cut = new AbortController();
    const connected = AbortSignal.any([signal, cut.signal]);
    await together(connected, [
      async (stop) => {
        await faults.until(({ isCut }) => isCut, stop);
        log.info('Becoming unreachable');
        cut.abort();
      },
      (stop) => this.#keepNode(stop),
      (stop) => this.#pods.run(stop),
    ]);
  }

  /** A Node that was deleted is not registered again: machine remediation relies on it. */
  async #keepNode(signal: AbortSignal): Promise<void> {
    if (this.#isGone) return;
    let registration: Registration | undefined;
    if (this.#identity === undefined) {
      registration = await register(this.#kubelet, signal);
      // A node that was failing and starts anew is not well in between.
      await this.#injections.observe(registration.node);
      const { name } = this.#kubelet.options;
      this.#identity = { name, uid: registration.node.metadata.uid ?? '' };
    }
    const identity = this.#identity;
    const isNew = registration?.written !== undefined;
    const status = new StatusReporter(this.#kubelet, identity, {
      injections: this.#injections,
      ...(registration && { registration }),
    });
    const observe = (node: Node): void => {
      void this.#injections.observe(node).then(() => status.observe(node)); // it never rejects
    };
    try {
      await together(signal, [
        (stop) => status.run(stop),
        (stop) => renewLease(this.#kubelet, identity, stop, !isNew),
        (stop) => watchNode(this.#kubelet, identity, observe, stop),
      ]);
    } catch (error) {
      if (!(error instanceof NodeGoneError)) throw error;
      this.#kubelet.log.info('The node was deleted, staying silent');
      this.#isGone = true;
    }
  }
}
