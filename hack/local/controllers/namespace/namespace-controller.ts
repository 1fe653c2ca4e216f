import type { Namespace, Pod } from '#api/core.ts';
import { namespaces as namespaceKind } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import type { Informer } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import { enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { done } from '#runtime/reconcile.ts';
import type { KindCatalog } from '../discovery/kind-catalog.ts';
import { isDeleting, uidOf } from '../objects/metadata.ts';
import { forEachOf } from '#runtime/for-each.ts';
import { writeFresh } from '../shared/write-fresh.ts';

export interface NamespaceControllerDeps {
  client: Client;
  clock: Clock;
  log: Logger;
  catalog: KindCatalog;
  namespaces: Informer<Namespace>;
  /** What most often keeps a namespace: Pods that end gracefully. */
  pods: Informer<Pod>;
}

const finalizer = 'kubernetes';
/** Milliseconds until a namespace is looked at again whose objects have finalizers of their own. */
const retryPeriod = 5_000;
const concurrency = 4;
const pageSize = 500;

/**
 * Empties namespaces that are being deleted and then lets them go (`pkg/controller/namespace`).
 *
 * Guarantee: the finalizer stays while any kind of object is left or could not be listed. Leaves
 * out: the conditions that count what remains.
 */
export function namespaceController(deps: NamespaceControllerDeps): Controller {
  const { clock, log, namespaces, pods } = deps;
  const reconciler = new NamespaceReconciler(deps);
  return new Controller({ name: 'namespace', reconciler, clock, log })
    .watch(namespaces, enqueueSelf, ({ object }) => isTerminating(object))
    .watch(
      pods,
      ({ object }) => [{ namespace: '', name: object.metadata.namespace ?? '' }],
      ({ type }) => type === 'deleted',
    );
}

function isTerminating(namespace: Namespace): boolean {
  return isDeleting(namespace) && (namespace.spec?.finalizers ?? []).includes(finalizer);
}

class NamespaceReconciler implements Reconciler {
  readonly #deps: NamespaceControllerDeps;

  constructor(deps: NamespaceControllerDeps) {
    this.#deps = deps;
  }

  async reconcile({ log, signal }: Context, key: ObjectKey): Promise<Result> {
    const { catalog, namespaces } = this.#deps;
    const namespace = namespaces.get(key);
    if (namespace === undefined || !isTerminating(namespace)) return done;

    const { kinds, failures } = await catalog.refresh(signal);
    let remaining = 0;
    await forEachOf(
      kinds.filter(({ namespaced }) => namespaced),
      concurrency,
      async (kind) => {
        const left = await this.#empty(kind, key.name, signal);
        remaining += left; // in one step: others are counting as well
      },
    );
    if (failures.length > 0) {
      throw new AggregateError(failures, 'not every kind could be discovered');
    }
    if (remaining > 0) {
      log.debug('Waiting for the rest of a namespace', { remaining });
      return { requeueAfter: retryPeriod };
    }
    log.info('Finalizing empty namespace');
    await this.#finalize(namespace, signal);
    return done;
  }

  /** Deletes everything of a kind; returns how much is left for now. */
  async #empty(kind: Kind, namespace: string, signal: AbortSignal): Promise<number> {
    const { client } = this.#deps;
    const before = await this.#list(kind, namespace, signal);
    if (before.length === 0) return 0;
    await forEachOf(before, concurrency, async (object) => {
      if (isDeleting(object)) return;
      const preconditions = { uid: uidOf(object) };
      const propagationPolicy = 'Background';
      await ifFound(
        client.delete(kind, keyOf(object), { preconditions, propagationPolicy, signal }),
      );
    });
    return (await this.#list(kind, namespace, signal)).length;
  }

  /** The first page is enough: the namespace is looked at until there is none. */
  async #list(kind: Kind, namespace: string, signal: AbortSignal) {
    return (await this.#deps.client.list(kind, { namespace, limit: pageSize, signal })).items;
  }

  async #finalize(cached: Namespace, signal: AbortSignal): Promise<void> {
    const { client } = this.#deps;
    await writeFresh(client, namespaceKind, cached, signal, async (namespace) => {
      const finalizers = (namespace.spec?.finalizers ?? []).filter((each) => each !== finalizer);
      const draft = { ...namespace, spec: { ...namespace.spec, finalizers } };
      await client.update(namespaceKind, draft, { subresource: 'finalize', signal });
    });
  }
}
