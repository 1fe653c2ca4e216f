/**
 * What users read in `kubectl describe machinedeployment`, besides what the conditions say. Reasons are
 * words for programs, and stable.
 */
import type { Scaling } from './rollout.ts';

export interface DeploymentEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

const normal = (reason: string, message: string): DeploymentEvent => ({
  type: 'Normal',
  reason,
  message,
});

export const created = (set: string, replicas: number): DeploymentEvent =>
  normal('CreatedMachineSet', `Created MachineSet ${set} with ${replicas} replicas`);

export const scaled = ({ set, to, because }: Scaling): DeploymentEvent => {
  const direction = to > set.desired ? 'up' : 'down';
  const change = `from ${set.desired} to ${to}`;
  return normal(
    'ScalingMachineSet',
    `Scaled ${direction} MachineSet ${set.name} ${change}: ${because}`,
  );
};

export const deleted = (set: string): DeploymentEvent =>
  normal('DeletedMachineSet', `Deleted MachineSet ${set}: beyond revisionHistoryLimit`);

export const collided = (set: string): DeploymentEvent => ({
  type: 'Warning',
  reason: 'NameCollision',
  message: `MachineSet ${set} is somebody else's; the new one gets another name`,
});
