import { revisionAnnotation } from '#api/machine/v1beta1/machine-deployment.ts';
import { machineSets, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import { ifFound, isAlreadyExists } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { messageOf } from '#runtime/error-text.ts';
import { matchesSelector } from '#runtime/label-selector.ts';
import { controllerOf } from '#runtime/owner-references.ts';
import { TerminalError, type Context } from '#runtime/reconcile.ts';
import * as events from './events.ts';
import { desiredMachineSet } from './machine-set.ts';
import { planScalings } from './plan.ts';
import { annotationsOfNewSet, nextRevision } from './revision.ts';
import type { SetState } from './rollout.ts';
import { isPaused, patchSet, record, rolloutOf, setsOf } from './scope.ts';
import type { Deps, Scope, Sets } from './scope.ts';
import { hasTemplateOf } from './template.ts';

/** Brings about the set of the present template, unless the rollout is paused, and its revision. */
export async function reconcileNewSet(deps: Deps, context: Context, scope: Scope): Promise<void> {
  const { deployment } = scope;
  const sets = setsOf(deps, deployment);
  const { newSet, oldSets } = sets;
  if (newSet === undefined) {
    if (isPaused(deployment) || !(await deps.ownership.isThere(context, deployment))) return;
  }
  const revision = nextRevision(newSet, oldSets);
  if (newSet === undefined) {
    await createSet(deps, context, scope, sets, revision);
  } else {
    const { minReadySeconds } = deployment.spec ?? {};
    await patchSet(deps, context, newSet, ({ metadata, spec }) => {
      metadata.annotations = annotationsOfNewSet(deployment, metadata.annotations ?? {}, revision);
      if (spec && minReadySeconds !== undefined) spec.minReadySeconds = minReadySeconds;
      else delete spec?.minReadySeconds;
    });
  }
  const { annotations } = deployment.metadata;
  deployment.metadata.annotations = { ...annotations, [revisionAnnotation]: String(revision) };
}

/** With as many Machines as there is room for. */
async function createSet(
  deps: Deps,
  context: Context,
  scope: Scope,
  sets: Sets,
  revision: number,
): Promise<void> {
  const { deployment } = scope;
  const stand: SetState = { name: '', desired: 0, current: 0, available: 0, isObserved: true };
  const rollout = rolloutOf(deployment, sets, stand);
  const replicas = planScalings(rollout).find(({ set }) => set === stand)?.to ?? 0;
  const scale = { replicas: rollout.replicas, most: rollout.replicas + rollout.maxSurge };
  const desired = desiredMachineSet(deployment, { replicas, revision, scale });
  const { name = '' } = desired.metadata;
  context.log.info('Creating MachineSet', { MachineSet: name, replicas });
  const { signal } = context;
  try {
    deps.machineSets.observe(await deps.client.create(machineSets, desired, { signal }));
    record(deps, deployment, events.created(name, replicas));
  } catch (error) {
    if (!isAlreadyExists(error)) {
      scope.failure = { reason: 'FailedCreate', message: messageOf(error) };
      throw error;
    }
    const found = await ifFound(deps.client.get(machineSets, keyOf(desired), { signal }));
    if (found === undefined) throw error; // gone again: the next try will do
    resolveCollision(deps, scope, found);
  }
}

/**
 * Who has the name already: an earlier try of ours that the cache does not show yet, or a stranger.
 *
 * @throws TerminalError when it is ours and never was what we asked for: the next one would not be either
 */
function resolveCollision(deps: Deps, scope: Scope, found: MachineSet): void {
  const { deployment } = scope;
  const owner = controllerOf(found);
  const isOurs = owner?.uid === deployment.metadata.uid;
  const mayBeOurs = owner === undefined || isOurs;
  const isSelected = matchesSelector(deployment.spec?.selector, found.metadata.labels);
  if (mayBeOurs && isSelected && hasTemplateOf(deployment, found)) {
    deps.machineSets.observe(found); // which brings us back
    return;
  }
  if (isOurs && found.metadata.generation === 1) {
    const message = `MachineSet ${found.metadata.name} was stored with another template than it was created with: a webhook changes it, or the CRD of MachineSets does not know all of it`;
    scope.failure = { reason: 'TemplateChanged', message, isFinal: true };
    throw new TerminalError(message);
  }
  record(deps, deployment, events.collided(found.metadata.name ?? ''));
  const { collisionCount = 0 } = deployment.status ?? {};
  deployment.status = { ...deployment.status, collisionCount: collisionCount + 1 };
}
