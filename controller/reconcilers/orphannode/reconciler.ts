import { nodes, pods, type Node } from '#api/core.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Store } from '#runtime/cache/store.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import type { Clock } from '#runtime/clock.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { done, type Context, type Reconciler, type Result } from '#runtime/reconcile.ts';
import { isAlive, isHollow, isOfOthers, silentSince, type Domain } from './orphan.ts';

export interface Deps {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly nodes: Store<Node>;
  /** Of each group, by `machinesByNode`. */
  readonly machines: readonly Pick<Store<Machine>, 'byIndex'>[];
  readonly domain: Domain;
  /** Milliseconds that a Node may be silent. */
  readonly gracePeriod: number;
}

/** Index of Machines by the names of the Nodes that they stand for. */
export const machinesByNode = 'orphannode.node';

/**
 * Deletes hollow Nodes that nobody will ever speak for again: their Machine was deleted by force, or
 * another tool forgot them.
 *
 * Promises: never a Node with another provider ID than kubemark's; none that a Machine stands for, or
 * that somebody else calls theirs; none that has a Pod, wherever that is; none that was heard of within
 * the grace period, or is heard of before the deletion arrives. Its Lease goes with it, being its own.
 */
export class OrphanNodeReconciler implements Reconciler {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const { clock, gracePeriod } = this.#deps;
    const node = this.#deps.nodes.get(key);
    if (node === undefined || !this.#isToBeWatched(node)) return done;
    const since = silentSince(node);
    if (since === undefined) return done;
    const wait = Math.min(since + gracePeriod - clock.now(), gracePeriod); // a clock may be ahead
    if (wait > 0) return { requeueAfter: wait };
    if (!(await this.#hasPod(context, key.name))) await this.#delete(context, node, since);
    return done;
  }

  #isToBeWatched(node: Node): boolean {
    const { domain, machines } = this.#deps;
    const { name = '', deletionTimestamp } = node.metadata;
    if (deletionTimestamp !== undefined || !isHollow(node) || isOfOthers(node, domain))
      return false;
    return machines.every((store) => store.byIndex(machinesByNode, name).length === 0);
  }

  /** In any namespace: not all hollow nodes are ours. A Pod and its Node have the same name. */
  async #hasPod({ signal }: Context, name: string): Promise<boolean> {
    const fieldSelector = `metadata.name=${name}`;
    // From the server's cache: a Pod that is not in it yet has a kubelet that registers the Node again.
    const options = { fieldSelector, resourceVersion: '0', signal };
    return (await this.#deps.client.list(pods, options)).items.some(isAlive);
  }

  async #delete({ log, signal }: Context, node: Node, since: number): Promise<void> {
    const { client, events } = this.#deps;
    const { name = '', uid = '', resourceVersion = '' } = node.metadata;
    log.info('Deleting Node without Machine and Pod');
    const preconditions = { uid, resourceVersion }; // any sign of life would have changed it
    await ifFound(client.delete(nodes, { namespace: '', name }, { preconditions, signal }));
    const message = `Deleted the Node: it has no Machine and no Pod, and is silent since ${timestamp(since)}`;
    events.event(node, 'Normal', 'OrphanNodeDeleted', message);
  }
}
