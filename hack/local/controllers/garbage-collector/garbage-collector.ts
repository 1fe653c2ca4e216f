import { apiVersionOf } from '#api/kind.ts';
import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { InformerEvent } from '#runtime/cache/informer.ts';
import { Informer } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { Logger } from '#runtime/log.ts';
import type { KindCatalog } from '../discovery/kind-catalog.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import type { AnyInformer, SharedInformers } from '../shared/shared-informers.ts';
import { anyInformer } from '../shared/shared-informers.ts';
import { Ticker } from '../shared/ticker.ts';
import { noteGone, noteSeen } from './attention.ts';
import { CollectorReconciler } from './collector.ts';
import { itemOf, OwnershipGraph } from './graph.ts';
import { Owners } from './owners.ts';

export interface GarbageCollectorDeps {
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  catalog: KindCatalog;
  informers: SharedInformers;
}

/** Milliseconds between two looks for kinds that came or went unnoticed. */
const discoveryPeriod = 30_000;

/** Too many, short-lived, and never owners or dependents (ignored upstream as well). */
const ignoredKinds: ReadonlySet<string> = new Set(['events.', 'events.events.k8s.io']);

/**
 * Deletes objects whose owners are all gone, over every kind the server has, custom ones included.
 *
 * Follows `pkg/controller/garbagecollector`: background, foreground (`blockOwnerDeletion`) and
 * orphan deletion; an owner counts as gone only when the API server itself says so; an owner in
 * another namespace is none. Leaves out: breaking circles of objects that wait for each other.
 */
export class GarbageCollector {
  readonly name = 'garbage-collector';
  readonly #deps: GarbageCollectorDeps;
  readonly #graph = new OwnershipGraph();
  readonly #owners: Owners;
  readonly #controller: Controller;
  readonly #ticker: Ticker;
  /** What watches each kind, and how to end it. Shared informers are never ended. */
  readonly #watched = new Map<Kind, { stop: AbortController; ended: Promise<void> }>();

  constructor(deps: GarbageCollectorDeps) {
    const { client, clock, log, events, catalog, informers } = deps;
    this.#deps = deps;
    const findKind = catalog.find.bind(catalog);
    this.#owners = new Owners({ client, graph: this.#graph, findKind });
    const reconciler = new CollectorReconciler({
      client,
      events,
      graph: this.#graph,
      owners: this.#owners,
    });
    this.#controller = new Controller({ name: this.name, keyName: 'uid', reconciler, clock, log });
    this.#ticker = new Ticker(clock, discoveryPeriod);
    informers.customResourceDefinitions().addHandler(() => this.#ticker.wake());
  }

  async run(signal: AbortSignal): Promise<void> {
    const { promise: discovered, resolve } = Promise.withResolvers<void>();
    const following = this.#ticker.run(signal, async () => {
      if (await this.#followKinds(signal)) resolve();
    });
    // Until all is known, an owner that no watch has shown yet would be asked for one by one.
    await Promise.race([discovered, following]);
    await this.#controller.run(signal);
    await following;
    await Promise.all([...this.#watched.values()].map(({ ended }) => ended));
  }

  /** Watches what the server has, no more and no less. Returns false if the server did not say. */
  async #followKinds(signal: AbortSignal): Promise<boolean> {
    const { catalog, log } = this.#deps;
    try {
      const { kinds, failures } = await catalog.refresh(signal);
      for (const failure of failures) log.error('Failed to discover an API group', failure);
      const wanted = kinds.filter(({ plural, group }) => !ignoredKinds.has(`${plural}.${group}`));
      for (const kind of wanted) if (!this.#watched.has(kind)) this.#watch(kind, signal);
      if (failures.length === 0) this.#forgetAllBut(new Set(wanted));
      return true;
    } catch (error) {
      if (!signal.aborted) log.error('Failed to discover kinds', error);
      return false;
    }
  }

  #watch(kind: Kind, signal: AbortSignal): void {
    const stop = new AbortController();
    const shared = this.#deps.informers.used.find((used) => isSameResource(used.kind, kind));
    const informer = shared ?? this.#metadataInformer(kind);
    informer.feed(this.#controller, (event) => this.#note(kind, event));
    const ended =
      shared === undefined
        ? informer.run(AbortSignal.any([signal, stop.signal]))
        : Promise.resolve();
    this.#watched.set(kind, { stop, ended });
  }

  #metadataInformer(kind: Kind): AnyInformer {
    const { client, clock, log } = this.#deps;
    const transform = ({ metadata }: KubernetesObject): KubernetesObject => ({
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata,
    });
    return anyInformer(kind, new Informer({ client, clock, log, kind, transform }));
  }

  /** A kind that is no longer served has no objects; whom they owned cannot be told any more. */
  #forgetAllBut(wanted: ReadonlySet<Kind>): void {
    for (const [kind, { stop }] of this.#watched) {
      if (wanted.has(kind)) continue;
      stop.abort();
      this.#watched.delete(kind);
      for (const { uid } of this.#graph.ofKind(kind)) this.#graph.delete(uid);
    }
  }

  #note(kind: Kind, { type, object }: InformerEvent<KubernetesObject>): ObjectKey[] {
    const item = itemOf(kind, object);
    const isGone = type === 'deleted';
    const uids = isGone ? noteGone(this.#graph, item) : noteSeen(this.#graph, item);
    if (isGone && uids.length > 0) this.#owners.noteGone(item);
    return uids.map((uid) => ({ namespace: '', name: uid }));
  }
}

/** The version may differ: it is the same storage. */
function isSameResource(a: Kind, b: Kind): boolean {
  return a.plural === b.plural && a.group === b.group;
}
