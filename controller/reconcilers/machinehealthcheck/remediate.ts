import { nodes } from '#api/core.ts';
import { staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import type { MachineHealthCheck } from '#api/machine/v1beta1/machine-health-check.ts';
import { ApiError, ifFound, isConflict } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { controllerOf } from '#runtime/owner-references.ts';
import type { Context } from '#runtime/reconcile.ts';
import { assess } from './health.ts';
import type { Sick } from './plan.ts';
import type { Rules } from './rules.ts';
import type { Deps } from './scope.ts';

export interface Exemption {
  /** A word for programs. */
  readonly reason: string;
  /** The end of a sentence for people. */
  readonly because: string;
}

/** Why a Machine is not replaced, however sick it is. */
export function exemptionOf(machine: Machine): Exemption | undefined {
  if (controllerOf(machine) === undefined) {
    return { reason: 'SkippedNoController', because: 'no controller owns it' };
  }
  // The next one would be as sick at once: they would come and go as fast as they can.
  return staticMachineAnnotation in (machine.metadata.annotations ?? {})
    ? { reason: 'SkippedStaticMachine', because: 'another would be the same Node' }
    : undefined;
}

/**
 * Deletes a Machine, for its controller to make another. Looks at its Node once more, and only deletes
 * the Machine as we know it: a cache may be behind, and a healthy Machine must not pay for that.
 */
export async function remediate(
  deps: Deps,
  context: Context,
  check: MachineHealthCheck,
  rules: Rules,
  { machine }: Sick,
): Promise<void> {
  const { client, clock, events } = deps;
  const { signal } = context;
  const { uid = '', resourceVersion = '' } = machine.metadata;
  const nodeKey = { namespace: '', name: machine.status?.nodeRef?.name ?? '' };
  const node =
    nodeKey.name === '' ? undefined : await ifFound(client.get(nodes, nodeKey, { signal }));
  const health = assess(machine, node, rules, clock.now());
  if (health.state !== 'unhealthy') return; // the watch will show that, too
  const { reason, message } = health.problem;
  context.log.info('Deleting unhealthy Machine', { Machine: keyOf(machine), reason });
  try {
    await ifFound(
      client.delete(machines, keyOf(machine), { preconditions: { uid, resourceVersion }, signal }),
    );
  } catch (error) {
    if (error instanceof ApiError && !isConflict(error)) {
      events.event(machine, 'Warning', 'MachineDeletionFailed', error.message);
    }
    throw error;
  }
  const text = `Deleted the machine, to be replaced: ${message}`;
  events.event(machine, 'Normal', 'MachineDeleted', text);
  events.event(check, 'Normal', 'MachineDeleted', `Machine ${machine.metadata.name}: ${text}`);
}
