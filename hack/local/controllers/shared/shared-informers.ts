import { leases, namespaces, nodes, podDisruptionBudgets, pods } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { Informer } from '#runtime/cache/informer.ts';
import type { Indexes } from '#runtime/cache/store.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Controller } from '#runtime/controller.ts';
import type { ToKeys } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import {
  customResourceDefinitions,
  deployments,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../objects/kinds.ts';
import { controllerOf } from '../objects/metadata.ts';
import { nodeNameOf } from '../objects/pod.ts';

/** An informer for those who read only metadata, whatever the kind. */
export interface AnyInformer {
  readonly kind: Kind;
  run(signal: AbortSignal): Promise<void>;
  /** Lets a controller watch it. */
  feed(controller: Controller, toKeys: ToKeys<KubernetesObject>): void;
}

export function anyInformer<T extends KubernetesObject>(
  kind: Kind<T>,
  informer: Informer<T>,
): AnyInformer {
  return {
    kind,
    run: (signal) => informer.run(signal),
    feed: (controller, toKeys) => void controller.watch(informer, toKeys),
  };
}

interface Deps {
  client: Client;
  clock: Clock;
  log: Logger;
}

/** One informer per kind, made when the first controller asks for it. */
export class SharedInformers {
  readonly #deps: Deps;
  readonly #used: AnyInformer[] = [];

  readonly nodes = once(() => this.#make(nodes));
  /** With indexes `node` (unbound Pods are under `''`) and `controller` (its uid). */
  readonly pods = once(() =>
    this.#make(pods, {
      node: (pod) => [nodeNameOf(pod)],
      controller: (pod) => [controllerOf(pod)?.uid ?? ''],
    }),
  );
  readonly leases = once(() => this.#make(leases));
  readonly namespaces = once(() => this.#make(namespaces));
  readonly budgets = once(() => this.#make(podDisruptionBudgets));
  readonly replicaSets = once(() => this.#make(replicaSets));
  readonly replicationControllers = once(() => this.#make(replicationControllers));
  readonly deployments = once(() => this.#make(deployments));
  readonly statefulSets = once(() => this.#make(statefulSets));
  readonly customResourceDefinitions = once(() => this.#make(customResourceDefinitions));

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Those that have been asked for. */
  get used(): readonly AnyInformer[] {
    return this.#used;
  }

  /** Runs those that have been asked for; resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#used.map((informer) => informer.run(signal)));
  }

  #make<T extends KubernetesObject>(kind: Kind<T>, indexes: Indexes<T> = {}): Informer<T> {
    const informer = new Informer({ ...this.#deps, kind, indexes });
    this.#used.push(anyInformer(kind, informer));
    return informer;
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
