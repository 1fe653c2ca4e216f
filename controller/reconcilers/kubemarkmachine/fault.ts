import { nodes, type Node } from '#api/core.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import type { InjectedFault } from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';
import type { ClusterNode } from '#controller/hollow-pod/cluster-pod.ts';
import { decide, describe } from '#controller/hollow-pod/fault-injection.ts';
import type { Client, RequestOptions } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { done, type Context, type Result } from '#runtime/reconcile.ts';
import { findWorkloadCluster } from './certificate.ts';
import type { Deps, Scope } from './scope.ts';
import { Waiting } from './waiting.ts';

/** How often a Node that is to fail is looked at, in milliseconds: one that registers again knows nothing of it. */
const longestLook = 10_000;

/** How often one that is to fail and has not registered yet is looked for, in milliseconds. */
const shortestLook = 2_000;

/**
 * Makes the node fail when an annotation on the machine asks for it, as the controller `faultinjection`
 * does for Machines of the legacy API (docs/adr/0017). The Node is the workload cluster's; while that
 * does not answer, the machine is none the worse.
 */
export async function reconcileFault(
  deps: Deps,
  context: Context,
  scope: Scope,
  node: ClusterNode,
): Promise<Result> {
  const isFallible = node.runtime === 'HollowNode' || node.faultProxyImage !== undefined;
  try {
    return await bringAbout(deps, context, scope, isFallible);
  } catch (error) {
    if (error instanceof Waiting) return { requeueAfter: error.retryAfter ?? longestLook };
    throw error;
  }
}

async function bringAbout(
  deps: Deps,
  context: Context,
  scope: Scope,
  isFallible: boolean,
): Promise<Result> {
  const { machine, draft, nodeName } = scope;
  const { clock, events } = deps;
  const value = machine.metadata.annotations?.[faultAnnotation];
  const record = machine.status?.fault;
  const decision = decide({ value, record, nodeName, isFallible, now: clock.now() });
  const recordEnd = (ended: string | undefined): void => {
    if (ended !== undefined) events.event(machine, 'Normal', 'FaultEnded', ended);
  };
  switch (decision.type) {
    case 'none':
      return done;
    case 'active':
      if (decision.isNew) {
        // Its times count from when there is a Node to suffer it.
        if ((await findNode(deps, context, scope)) === undefined)
          return { requeueAfter: shortestLook };
        // Recorded before it happens: after a crash of ours it is the same fault, not another.
        remember(scope, decision.record);
        await draft.writeStatus();
        recordEnd(decision.ended);
        events.event(machine, 'Normal', 'FaultInjected', describe(decision.record));
      }
      await annotate(deps, context, scope, decision.value);
      return { requeueAfter: Math.min(decision.until - clock.now(), longestLook) };
    case 'invalid':
      if (!decision.isNew) return done;
      await annotate(deps, context, scope, undefined);
      remember(scope, decision.record);
      recordEnd(decision.ended);
      events.event(machine, 'Warning', 'InvalidFault', decision.record.error ?? '');
      return done;
    case 'over':
    case 'takenBack':
      break;
  }
  await annotate(deps, context, scope, undefined);
  remember(scope, undefined);
  delete machine.metadata.annotations?.[faultAnnotation];
  recordEnd(decision.ended);
  return done;
}

function remember({ machine }: Scope, record: InjectedFault | undefined): void {
  const { fault: _, ...status } = machine.status ?? {};
  machine.status = { ...status, ...(record && { fault: record }) };
}

function findNode(deps: Deps, context: Context, scope: Scope): Promise<Node | undefined> {
  const key = { namespace: '', name: scope.nodeName };
  return askWorkload(deps, context, scope, (client, options) =>
    ifFound(client.get(nodes, key, options)),
  );
}

/** Nothing to do for a Node that is not there. */
async function annotate(
  deps: Deps,
  context: Context,
  scope: Scope,
  value: string | undefined,
): Promise<void> {
  const key = { namespace: '', name: scope.nodeName };
  await askWorkload(deps, context, scope, async (client, options) => {
    const node = await ifFound(client.get(nodes, key, options));
    if (node === undefined || node.metadata.annotations?.[faultAnnotation] === value) return;
    context.log.info('Telling the node its fault', { Node: scope.nodeName, fault: value });
    const { uid } = node.metadata;
    const annotations = { [faultAnnotation]: value ?? null };
    const patch = { metadata: { ...(uid && { uid }), annotations } };
    await ifFound(client.patch(nodes, key, patch, options));
  });
}

async function askWorkload<T>(
  deps: Deps,
  context: Context,
  scope: Scope,
  ask: (client: Client, options: RequestOptions) => Promise<T>,
): Promise<T> {
  const { signal } = context;
  const workload = await findWorkloadCluster(deps, context, scope);
  return deps.remoteClusters.ask(workload, (timeout) => ask(workload.client, { signal, timeout }));
}
