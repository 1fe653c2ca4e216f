import type { Lease, Node, Pod } from '#api/core.ts';
import type { Informer } from '#runtime/cache/informer.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { NodeMonitorOptions } from './node-monitor.ts';
import { NodeMonitor } from './node-monitor.ts';
import { NodeTaintReconciler } from './node-taints.ts';
import { withNoScheduleTaints } from './taints.ts';

export interface NodeLifecycleDeps {
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

/**
 * Judges nodes by their heartbeats and tells the scheduler and the taint eviction what follows
 * (`pkg/controller/nodelifecycle`).
 *
 * A node without a sign of life for the grace period turns Unknown. NoSchedule taints follow
 * conditions at once; NoExecute taints at each look of the monitor, never while no node is Ready.
 * Leaves out: zones and their partial disruption, and the labels it reconciles for old versions.
 */
export function nodeLifecycle(deps: NodeLifecycleDeps): [NodeMonitor, Controller] {
  const { clock, log, nodes } = deps;
  const reconciler = new NodeTaintReconciler(deps);
  const taints = new Controller({ name: 'node-taints', reconciler, clock, log }).watch(
    nodes,
    enqueueSelf,
    ({ object }) => withNoScheduleTaints(object, '') !== undefined,
  );
  return [new NodeMonitor(deps), taints];
}
