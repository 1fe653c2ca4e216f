import type { Pod } from '#api/core.ts';
import type { KubernetesObject, OwnerReference } from '#api/meta.ts';
import type { Informer } from '#runtime/cache/informer.ts';
import type { ObjectKey } from '#runtime/client/client.ts';
import type { Controller } from '#runtime/controller.ts';
import { groupOf } from '../discovery/kind-catalog.ts';
import { controllerOf, uidOf } from '../objects/metadata.ts';
import type { SharedInformers } from '../shared/shared-informers.ts';

/** A kind whose objects say how many Pods there should be. */
type Scaled = KubernetesObject & { spec?: { replicas?: number } };

/** How many Pods the controllers of some Pods want. */
export class Scales {
  readonly #informers: SharedInformers;

  constructor(informers: SharedInformers) {
    this.#informers = informers;
  }

  /** Enqueues what `toKeys` makes of a namespace in which a scale may have changed. */
  watchWith(controller: Controller, toKeys: (namespace: string) => ObjectKey[]): void {
    const { replicationControllers, replicaSets, deployments, statefulSets } = this.#informers;
    const watch = <T extends KubernetesObject>(informer: Informer<T>): void => {
      controller.watch(informer, ({ object }) => toKeys(object.metadata.namespace ?? ''));
    };
    watch(replicationControllers());
    watch(replicaSets());
    watch(deployments());
    watch(statefulSets());
  }

  /**
   * The replicas of all controllers of these Pods, each controller counted once. Pods without one
   * count nothing.
   *
   * @throws Error when a controller is not known, so nothing can be said about its Pods.
   */
  totalOf(pods: readonly Pod[]): number {
    const replicas = new Map<string, number>();
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (owner === undefined) continue;
      const scaled = this.#find(owner, pod.metadata.namespace ?? '');
      if (scaled === undefined)
        throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
      replicas.set(uidOf(scaled), scaled.spec?.replicas ?? 1);
    }
    return replicas.values().reduce((sum, each) => sum + each, 0);
  }

  #find({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): Scaled | undefined {
    const found = this.#store(`${kind}.${groupOf(apiVersion)}`)?.get({ namespace, name });
    if (found === undefined || uidOf(found) !== uid) return undefined;
    // The ReplicaSet of a Deployment only carries out what that one wants.
    const owner = controllerOf(found);
    return owner?.kind === 'Deployment' ? this.#find(owner, namespace) : found;
  }

  #store(kind: string): { get(key: ObjectKey): Scaled | undefined } | undefined {
    switch (kind) {
      case 'ReplicationController.':
        return this.#informers.replicationControllers();
      case 'ReplicaSet.apps':
        return this.#informers.replicaSets();
      case 'Deployment.apps':
        return this.#informers.deployments();
      case 'StatefulSet.apps':
        return this.#informers.statefulSets();
      default:
        return undefined;
    }
  }
}
