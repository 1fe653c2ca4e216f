import type { Node } from '#api/core.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Store } from '#runtime/cache/store.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { done } from '#runtime/reconcile.ts';
import { withNoScheduleTaints } from './taints.ts';
import { updateTaints } from './update-taints.ts';

interface Deps {
  client: Client;
  clock: Clock;
  nodes: Store<Node>;
}

/** Keeps the NoSchedule taints of a node in step with its conditions, as soon as they change. */
export class NodeTaintReconciler implements Reconciler {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async reconcile({ signal }: Context, key: ObjectKey): Promise<Result> {
    const { client, clock } = this.#deps;
    const node = this.#deps.nodes.get(key);
    if (node === undefined) return done;

    await updateTaints(client, node, signal, (current) =>
      withNoScheduleTaints(current, timestamp(clock.now())),
    );
    return done;
  }
}
