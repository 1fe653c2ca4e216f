import type { Lease, Node, Pod } from '#api/core.ts';
import { nodes, pods } from '#api/core.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Informer } from '#runtime/cache/informer.ts';
import type { Client } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { uidOf } from '../objects/metadata.ts';
import { isPodReady, readyConditionOf } from '../objects/pod.ts';
import { Ticker } from '../shared/ticker.ts';
import { forEachOf } from '#runtime/for-each.ts';
import { writeFresh } from '../shared/write-fresh.ts';
import type { GracePeriods, Health } from './health.ts';
import { isSilent, observeHealth, unknownConditions } from './health.ts';
import { withNoExecuteTaints } from './taints.ts';
import { updateTaints } from './update-taints.ts';

export interface NodeMonitorOptions extends GracePeriods {
  /** Milliseconds between two looks at all nodes. */
  readonly monitorPeriod: number;
  /** How many nodes per second may receive a NoExecute taint. */
  readonly evictionRate: number;
}

export interface NodeMonitorDeps {
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  nodes: Informer<Node>;
  /** With an index `node`. */
  pods: Informer<Pod>;
  leases: Informer<Lease>;
  options: NodeMonitorOptions;
}

const leaseNamespace = 'kube-node-lease';
/** How many nodes are worked on at once (`scheduler.UpdateWorkerSize` upstream). */
const concurrency = 8;

/**
 * Looks at every node each few seconds: a silent one turns Unknown, and what runs on a node that is
 * not Ready gets notice to leave.
 */
export class NodeMonitor {
  readonly name = 'node-lifecycle';
  readonly #deps: NodeMonitorDeps;
  /** By the node's uid: a node that is created again starts anew. */
  readonly #known = new Map<string, { node: Node; health: Health | undefined }>();
  #isDisrupted = false;
  /** How many nodes may be tainted now; a fraction is saved for later. */
  #allowance = 1;

  constructor(deps: NodeMonitorDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, leases, nodes: cached, options, pods: cachedPods } = this.#deps;
    try {
      await Promise.all([cached, cachedPods, leases].map((informer) => informer.synced(signal)));
    } catch {
      return; // stopped before there was anything to judge
    }
    await new Ticker(clock, options.monitorPeriod).run(signal, () => this.pass(signal));
  }

  /** One look. A node that cannot be written is logged and looked at again in the next pass. */
  async pass(signal: AbortSignal): Promise<void> {
    const present = this.#deps.nodes.list();
    this.#announce(present);
    const judged: Node[] = [];
    await this.#forEachNode(present, signal, async (node) => {
      judged.push(await this.#judge(node, signal));
    });
    const isDisrupted = !judged.some((node) => readyConditionOf(node)?.status === 'True');
    if (this.#isDisrupted && !isDisrupted) this.#forgetSilence();
    this.#isDisrupted = isDisrupted;
    this.#earnAllowance();
    await this.#forEachNode(judged, signal, (node) => this.#taint(node, signal));
  }

  #announce(present: readonly Node[]): void {
    const { events } = this.#deps;
    const gone = new Map(this.#known);
    for (const node of present) {
      if (gone.delete(uidOf(node))) continue;
      const { name } = node.metadata;
      const message = `Node ${name} event: Registered Node ${name} in Controller`;
      events.event(node, 'Normal', 'RegisteredNode', message);
      this.#known.set(uidOf(node), { node, health: undefined });
    }
    for (const [uid, { node }] of gone) {
      const { name } = node.metadata;
      const message = `Node ${name} event: Removing Node ${name} from Controller`;
      events.event(node, 'Normal', 'RemovingNode', message);
      this.#known.delete(uid);
    }
  }

  /** Returns the node as it is after a write, if one was due. */
  async #judge(cached: Node, signal: AbortSignal): Promise<Node> {
    const { client, clock, events, log, options } = this.#deps;
    let judged = cached;
    await writeFresh(client, nodes, cached, signal, async (node) => {
      judged = node;
      const health = this.#observe(node);
      if (!isSilent(health, options, clock.monotonic())) return;
      const conditions = unknownConditions(node, timestamp(clock.now()));
      if (conditions === undefined) return;
      const wasReady = readyConditionOf(node)?.status === 'True';
      log.info('Marking silent node Unknown', { Node: node.metadata.name });
      const draft = { ...node, status: { ...node.status, conditions } };
      judged = await client.update(nodes, draft, { subresource: 'status', signal });
      if (!wasReady) return;
      const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
      events.event(node, 'Normal', 'NodeNotReady', message);
    });
    if (readyConditionOf(judged)?.status === 'Unknown')
      await this.#markPodsNotReady(judged, signal);
    return judged;
  }

  #observe(node: Node): Health {
    const { clock, leases } = this.#deps;
    const lease = leases.get({ namespace: leaseNamespace, name: node.metadata.name ?? '' });
    const previous = this.#known.get(uidOf(node))?.health;
    const health = observeHealth(previous, node, lease, clock.monotonic());
    this.#known.set(uidOf(node), { node, health });
    return health;
  }

  /** Nobody on the node can: its Services must stop sending to these Pods. */
  async #markPodsNotReady(node: Node, signal: AbortSignal): Promise<void> {
    const { client, clock, events } = this.#deps;
    for (const pod of this.#deps.pods
      .byIndex('node', node.metadata.name ?? '')
      .filter(isPodReady)) {
      const condition = {
        type: 'Ready',
        status: 'False',
        lastTransitionTime: timestamp(clock.now()),
      };
      const patch = { metadata: { uid: uidOf(pod) }, status: { conditions: [condition] } };
      const options = { subresource: 'status', type: 'strategic', signal } as const;
      const marked = await ifFound(client.patch(pods, keyOf(pod), patch, options));
      if (marked) events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    }
  }

  /**
   * When no node at all is Ready, the fault is more likely ours than theirs: nothing is evicted
   * ("full disruption"), and once one is Ready again all get a fresh grace period.
   */
  #forgetSilence(): void {
    const lastSign = this.#deps.clock.monotonic();
    for (const entry of this.#known.values()) {
      if (entry.health !== undefined) entry.health = { ...entry.health, lastSign };
    }
  }

  #earnAllowance(): void {
    const { evictionRate, monitorPeriod } = this.#deps.options;
    const earned = (evictionRate * monitorPeriod) / 1000;
    this.#allowance = Math.min(this.#allowance + earned, Math.max(1, earned));
  }

  async #taint(node: Node, signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#deps;
    await updateTaints(client, node, signal, (current) => {
      const taints = withNoExecuteTaints(current, !this.#isDisrupted, timestamp(clock.now()));
      const isAdding = (taints?.length ?? 0) > (current.spec?.taints?.length ?? 0);
      if (!isAdding) return taints;
      if (this.#allowance < 1) return undefined;
      this.#allowance -= 1;
      return taints;
    });
  }

  async #forEachNode(
    items: readonly Node[],
    signal: AbortSignal,
    action: (node: Node) => Promise<void>,
  ): Promise<void> {
    await forEachOf(items, concurrency, async (node) => {
      try {
        await action(node);
      } catch (error) {
        if (signal.aborted) return;
        this.#deps.log.error('Failed to check node', error, { Node: node.metadata.name });
      }
    });
  }
}
