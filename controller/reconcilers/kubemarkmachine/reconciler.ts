import { isInfrastructureProvisioned } from '#api/cluster-api/core.ts';
import { whyPaused } from '#api/cluster-api/paused.ts';
import { ConfigurationError } from '#api/configuration-error.ts';
import { parseDuration } from '#api/duration.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import type { KubemarkMachine } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { identityKey, kubemarkMachineFinalizer } from '#api/infrastructure/v1alpha4/labels.ts';
import { timestamp } from '#api/timestamp.ts';
import { clusterNode } from '#controller/hollow-pod/cluster-node.ts';
import type { ClusterNode } from '#controller/hollow-pod/cluster-pod.ts';
import { providerIDFor } from '#controller/hollow-pod/names.ts';
import type { ObjectKey } from '#runtime/client/client.ts';
import { patchOnExit } from '#runtime/client/patch.ts';
import { addFinalizer, hasFinalizer } from '#runtime/finalizers.ts';
import { done } from '#runtime/reconcile.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { reconcileCredentials } from './credentials.ts';
import { reconcileDelete } from './delete.ts';
import { reconcileFault } from './fault.ts';
import { findHollowCluster, type HollowCluster } from './hollow-cluster.ts';
import { reconcilePod } from './pod.ts';
import { gather, identityOf, zoneOf, type Deps, type Scope } from './scope.ts';
import { startupRest } from './startup-delay.ts';
import { summarize, summarizePause } from './status.ts';
import { Waiting } from './waiting.ts';

/**
 * Keeps one hollow node alive for each KubemarkMachine and removes it with the machine (Cluster API,
 * contracts v1beta1 and v1beta2).
 *
 * Promises: one Pod and one Secret per machine, whatever crashes; a provider ID that never changes;
 * nothing of a paused machine is touched. Writes no object that core owns; core deletes the Node.
 */
export class KubemarkMachineReconciler implements Reconciler {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const { client, kubemarkMachines: cache, clock } = this.#deps;
    const machine = cache.get(key);
    if (machine === undefined) return done;
    const { signal } = context;
    const observe = (answer: KubemarkMachine): void => cache.observe(answer);
    const target = { client, kind: kubemarkMachines, stored: machine, signal, observe };
    return patchOnExit(target, async (draft) => {
      const scope = gather(this.#deps, draft);
      const { deletionTimestamp } = scope.machine.metadata;
      const paused = whyPaused(scope.machine, scope.cluster);
      if (paused !== undefined) {
        scope.machine.status = summarizePause(machine.status ?? {}, paused, timestamp(clock.now()));
        return done;
      }
      const isDeleting = deletionTimestamp !== undefined;
      if (isDeleting && !hasFinalizer(scope.machine, kubemarkMachineFinalizer)) return done;
      return this.#explained(context, scope, isDeleting);
    });
  }

  /** Whatever becomes of the machine, its status says so. */
  async #explained(context: Context, scope: Scope, isDeleting: boolean): Promise<Result> {
    let problem: Waiting | undefined;
    try {
      return isDeleting
        ? await reconcileDelete(this.#deps, context, scope)
        : await this.#bringAbout(context, scope);
    } catch (error) {
      problem = asWaiting(error);
      if (!(error instanceof Waiting || error instanceof ConfigurationError)) throw error;
      return problem.retryAfter === undefined ? done : { requeueAfter: problem.retryAfter };
    } finally {
      const isGone = isDeleting && !hasFinalizer(scope.machine, kubemarkMachineFinalizer);
      if (!isGone) this.#summarize(scope, isDeleting, problem);
    }
  }

  async #bringAbout(context: Context, scope: Scope): Promise<Result> {
    const { owner, cluster, machine, nodeName } = scope;
    if (owner === undefined) throw new Waiting('WaitingForOwner', 'no Machine owns it yet');
    if (cluster === undefined)
      throw new Waiting('WaitingForCluster', 'there is no Cluster of it yet');
    await reconcileIdentity(scope);
    const hollow = await hollowCluster(this.#deps, context, scope);
    const isNew = machine.status?.initialization?.provisioned !== true;
    if (isNew && !isInfrastructureProvisioned(cluster)) {
      throw new Waiting('WaitingForClusterInfrastructureReady', `Cluster ${cluster.metadata.name}`);
    }
    if (isNew && !owner.spec?.bootstrap?.dataSecretName) {
      throw new Waiting('WaitingForBootstrapData', 'the Machine names no bootstrap Secret yet');
    }
    const zone = zoneOf(scope);
    const node: ClusterNode = clusterNode(machine.spec ?? {}, {
      ...this.#deps.options,
      name: nodeName,
      ...(owner.spec?.version && { version: owner.spec.version }),
      ...(zone && { zone }),
    });
    const rest = isNew ? this.#startupRest(machine) : 0;
    if (rest > 0) throw new Waiting('StartupDelay', 'held back by spec.startupDelay', rest);
    const renewal = await reconcileCredentials(this.#deps, context, scope, hollow);
    const result = await reconcilePod(this.#deps, context, scope, hollow, node);
    const fault = await reconcileFault(this.#deps, context, scope, node);
    const untilRenewal = Math.max(renewal - this.#deps.clock.now(), 0);
    return soonest(result, fault, { requeueAfter: untilRenewal });
  }

  #startupRest({ metadata, spec }: KubemarkMachine): number {
    const { duration = '0', jitterPercent = 0 } = spec?.startupDelay ?? {};
    return startupRest(
      { duration: parseDuration(duration), jitterPercent, seed: metadata.uid ?? '' },
      Date.parse(metadata.creationTimestamp ?? ''),
      this.#deps.clock.now(),
    );
  }

  #summarize(scope: Scope, isDeleting: boolean, problem: Waiting | undefined): void {
    const { machine, pod, nodeName } = scope;
    const before = machine.status ?? {};
    const observed = {
      generation: machine.metadata.generation,
      isDeleting,
      problem,
      pod,
      nodeName,
      zone: zoneOf(scope),
      isInterruptible: machine.spec?.interruptible === true,
    };
    machine.status = summarize(before, observed, timestamp(this.#deps.clock.now()));
    this.#tell(machine, readyOf(before), readyOf(machine.status));
  }

  /** Once per cause. */
  #tell(machine: KubemarkMachine, before: Ready, after: Ready): void {
    const isTold = before?.reason === after?.reason;
    if (isTold || after === undefined || after.reason.startsWith('WaitingFor')) return;
    const type = after.status === 'True' || after.reason === 'Deleting' ? 'Normal' : 'Warning';
    if (after.reason === 'PodPending' || after.reason === 'StartupDelay') return;
    this.#deps.events.event(machine, type, after.reason, after.message);
  }
}

type Ready = { status: string; reason: string; message: string } | undefined;

function readyOf(status: NonNullable<KubemarkMachine['status']>): Ready {
  return status.conditions?.find(({ type }) => type === 'Ready');
}

/** Stores finalizer, identity and provider ID together, before anything exists: one write, once. */
async function reconcileIdentity({ draft, machine, nodeName }: Scope): Promise<void> {
  const { metadata } = machine;
  addFinalizer(machine, kubemarkMachineFinalizer);
  metadata.annotations = { ...metadata.annotations, [identityKey]: identityOf(machine) };
  machine.spec = { ...machine.spec, providerID: providerIDFor(nodeName) };
  await draft.writeMain();
}

function soonest(...results: Result[]): Result {
  const pauses = results.map(({ requeueAfter }) => requeueAfter ?? Number.POSITIVE_INFINITY);
  return { requeueAfter: Math.min(...pauses) };
}

async function hollowCluster(deps: Deps, context: Context, scope: Scope): Promise<HollowCluster> {
  const found = await findHollowCluster(deps, context, scope);
  if (found !== undefined) return found;
  const { name } = scope.machine.spec?.kubemarkHollowPodClusterSecretRef ?? {};
  const message = `there is no Secret ${name} (spec.kubemarkHollowPodClusterSecretRef)`;
  throw new Waiting('WaitingForHollowPodCluster', message, 10_000);
}

/** Configuration errors wait for the user, all else for the next try. */
function asWaiting(error: unknown): Waiting {
  if (error instanceof Waiting) return error;
  const message = error instanceof Error ? error.message : String(error);
  const isTheirs = error instanceof ConfigurationError;
  return new Waiting(isTheirs ? 'InvalidConfiguration' : 'InternalError', message);
}
