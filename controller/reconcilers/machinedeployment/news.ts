import type { MachineDeploymentStatus } from '#api/machine/v1beta1/machine-deployment.ts';
import type { DeploymentEvent } from './events.ts';
import { progressing } from './progress.ts';

/** The event to record, once, when `after` has been stored in the place of `before`. */
export function newsIn(
  before: MachineDeploymentStatus,
  after: MachineDeploymentStatus,
): DeploymentEvent[] {
  const { status, reason = '', message = '' } = progressIn(after) ?? {};
  const known = progressIn(before);
  if (reason === known?.reason && message === known.message) return [];
  if (status === 'False') return [{ type: 'Warning', reason, message }];
  // The beginning is told by what is scaled.
  return reason === 'MachineSetUpdated' ? [] : [{ type: 'Normal', reason, message }];
}

function progressIn({ conditions = [] }: MachineDeploymentStatus) {
  return conditions.find(({ type }) => type === progressing);
}
