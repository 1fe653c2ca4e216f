import type { Pod } from '#api/core.ts';
import { pods } from '#api/core.ts';
import { timestamp } from '#api/timestamp.ts';
import type { JitteredBackoff } from '#runtime/backoff.ts';
import { Reflector } from '#runtime/cache/reflector.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Kubelet } from './kubelet.ts';
import { newBackoff } from './kubelet.ts';
import type { PodReport, PodRuntime } from './pod-runtime.ts';
import { isFinished, podStatusPatch } from './pod-status.ts';
import { isNewer } from './resource-version.ts';
import { together } from './together.ts';

/** What is known about one Pod of the node. */
interface Work {
  /** As last seen. */
  pod: Pod;
  /** What the runtime last said; absent: it has said nothing yet. */
  report?: PodReport;
  /** What the runtime was last told to do; absent: it does not know the Pod. */
  told?: 'start' | 'stop';
  /** The runtime has ended all containers for good. */
  isStopped: boolean;
  /** We have deleted the Pod; a finalizer may keep the object. */
  isDeleted: boolean;
  /** Something happened that has not been looked at. */
  isDirty: boolean;
  /** A loop looks at it. */
  isBusy: boolean;
  readonly backoff: JitteredBackoff;
}

/**
 * Runs the Pods that are bound to the node and tells the API server how they are.
 *
 * Each Pod is looked at by one loop at a time, which compares what should be with what is and takes
 * the next step; failures are retried with backoff. While the node is NotReady no Pod is looked at, so
 * none starts or finishes; what happened meanwhile is caught up with afterwards.
 */
export class PodWorkers {
  readonly #kubelet: Kubelet;
  readonly #runtime: PodRuntime;
  readonly #works = new Map<string, Work>();
  readonly #loops = new Set<Promise<void>>();
  /** Of the current run. */
  #signal = AbortSignal.abort();

  constructor(kubelet: Kubelet, runtime: PodRuntime) {
    this.#kubelet = kubelet;
    this.#runtime = runtime;
  }

  /** Ends when `signal` aborts. May be called again afterwards: containers live on meanwhile. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    await together(signal, [(stop) => this.#watch(stop), (stop) => this.#thaw(stop)]);
    await Promise.all(this.#loops);
  }

  #watch(signal: AbortSignal): Promise<void> {
    const { client, clock, log, options } = this.#kubelet;
    const reflector = new Reflector({
      client,
      clock,
      log,
      kind: pods,
      fieldSelector: `spec.nodeName=${options.name}`,
      sink: {
        replace: (all) => this.#replace(all),
        apply: (type, pod) => (type === 'DELETED' ? this.#forget(pod) : this.#see(pod)),
      },
    });
    return reflector.run(signal);
  }

  async #thaw(signal: AbortSignal): Promise<void> {
    const { faults } = this.#kubelet;
    for (;;) {
      await faults.until(({ arePodsFrozen }) => arePodsFrozen, signal);
      await faults.until(({ arePodsFrozen }) => !arePodsFrozen, signal);
      for (const work of this.#works.values()) this.#startLoop(work);
    }
  }

  #replace(all: readonly Pod[]): void {
    const present = new Set(all.map(({ metadata }) => metadata.uid));
    for (const [uid, { pod }] of this.#works) if (!present.has(uid)) this.#forget(pod);
    for (const pod of all) this.#see(pod);
  }

  #see(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const work = this.#works.get(uid) ?? {
      pod,
      isStopped: false,
      isDeleted: false,
      isDirty: true,
      isBusy: false,
      backoff: newBackoff(this.#kubelet),
    };
    this.#works.set(uid, work);
    if (isNewer(pod, work.pod)) work.pod = pod;
    this.#wake(work);
  }

  #forget(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const work = this.#works.get(uid);
    this.#works.delete(uid);
    if (work?.told === 'start') void this.#stop(work); // it reports its own failure
  }

  #wake(work: Work): void {
    work.isDirty = true;
    this.#startLoop(work);
  }

  #startLoop(work: Work): void {
    if (work.isBusy || !this.#mayLookAt(work)) return;
    const loop = this.#lookAt(work).finally(() => this.#loops.delete(loop));
    this.#loops.add(loop);
  }

  #mayLookAt(work: Work): boolean {
    const isKnown = this.#works.get(work.pod.metadata.uid ?? '') === work;
    const { arePodsFrozen } = this.#kubelet.faults.now();
    return work.isDirty && isKnown && !arePodsFrozen && !this.#signal.aborted;
  }

  async #lookAt(work: Work): Promise<void> {
    const { clock, log } = this.#kubelet;
    const signal = this.#signal;
    work.isBusy = true;
    while (this.#mayLookAt(work)) {
      work.isDirty = false;
      try {
        await this.#step(work);
        work.backoff.reset();
      } catch (error) {
        work.isDirty = true;
        if (signal.aborted) break;
        log.error('Failed to sync a Pod', error, { Pod: keyOf(work.pod) });
        await clock.sleep(work.backoff.next(), signal).catch(() => {}); // the loop asks the signal
      }
    }
    work.isBusy = false;
  }

  /** What is next for the Pod; when that is to wait, the watch or the runtime wakes us. */
  async #step(work: Work): Promise<void> {
    const isDeleting = work.pod.metadata.deletionTimestamp !== undefined;
    if (work.isDeleted || (isFinished(work.pod) && !isDeleting)) return;
    if (isDeleting && work.told === 'start') return void this.#stop(work); // its end wakes us
    if (!isDeleting && work.told === undefined) this.#start(work);
    // Decided before the write: containers that end during it have another status to be written.
    const isOver = work.isStopped || work.told === undefined;
    if (work.report !== undefined) await this.#writeStatus(work, work.report);
    if (isDeleting && isOver) await this.#delete(work);
  }

  #start(work: Work): void {
    this.#kubelet.log.debug('Starting a Pod', { Pod: keyOf(work.pod) });
    work.told = 'start';
    this.#runtime.start(work.pod, (report) => {
      if (work.told !== 'start') return;
      work.report = report;
      this.#wake(work);
    });
  }

  async #stop(work: Work): Promise<void> {
    const { log } = this.#kubelet;
    log.debug('Stopping a Pod', { Pod: keyOf(work.pod) });
    work.told = 'stop';
    try {
      work.report = await this.#runtime.stop(work.pod);
    } catch (error) {
      log.error('Failed to stop a Pod', error, { Pod: keyOf(work.pod) });
    }
    work.isStopped = true;
    this.#wake(work);
  }

  async #writeStatus(work: Work, report: PodReport): Promise<void> {
    const { client, clock, address } = this.#kubelet;
    const { pod, isStopped } = work;
    const now = timestamp(clock.now());
    const patch = podStatusPatch({ pod, report, hostIP: address, isStopped, now });
    if (patch === undefined) return;
    const answer = await ifFound(
      client.patch(pods, keyOf(pod), patch, {
        subresource: 'status',
        type: 'strategic',
        signal: this.#signal,
      }),
    );
    if (answer !== undefined && isNewer(answer, work.pod)) work.pod = answer;
  }

  /** The last step of the handshake: the kubelet says that nothing of the Pod is left. */
  async #delete(work: Work): Promise<void> {
    const { uid = '' } = work.pod.metadata;
    const options = { gracePeriodSeconds: 0, preconditions: { uid }, signal: this.#signal };
    await ifFound(this.#kubelet.client.delete(pods, keyOf(work.pod), options));
    work.isDeleted = true;
  }
}
