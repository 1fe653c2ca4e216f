/**
 * What users read in `kubectl describe machine`, besides what the status explains (explanation.ts).
 * Reasons are words for programs, and stable.
 */
import { formatDuration } from '#api/duration.ts';
import { quote } from '#api/quote.ts';
import { podCount } from './listed.ts';
import { clusterLabel } from '#api/machine/v1beta1/labels.ts';

export interface MachineEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

const normal = (reason: string, message: string): MachineEvent => ({
  type: 'Normal',
  reason,
  message,
});
const warning = (reason: string, message: string): MachineEvent => ({
  type: 'Warning',
  reason,
  message,
});

export const podCreated = (pod: string): MachineEvent =>
  normal('Created', `Created hollow node Pod ${pod}`);

export const podRecreated = (pod: string): MachineEvent =>
  warning('InstanceLost', `Pod ${pod} was lost; creating it again under the same name`);

export const ignoredConfiguration = (message: string): MachineEvent =>
  warning('IgnoredConfiguration', message);

export const missingClusterLabel = (): MachineEvent =>
  warning('MissingClusterLabel', `No label ${clusterLabel}: other controllers may want one`);

export const providerIDReplaced = (found: string, own: string): MachineEvent =>
  warning(
    'ProviderIDReplaced',
    `spec.providerID was ${quote(found)}, of another machine; now ${own}`,
  );

export const nodeRegistered = (node: string): MachineEvent =>
  normal('NodeRegistered', `The Node ${node} is registered again`);

export const deletionDelayed = (milliseconds: number): MachineEvent =>
  normal(
    'DeletionDelayed',
    `Pod and Node stay for the deletionTimeout of ${formatDuration(milliseconds)}`,
  );

export const deleting = (kind: 'Pod' | 'Node', name: string): MachineEvent =>
  normal('Deleting', `Deleting ${kind} ${name}`);

export const deleted = (node: string): MachineEvent =>
  normal('Deleted', `Pod and Node ${node} are gone`);

export const drainSkipped = (): MachineEvent => normal('DrainSkipped', 'Node drain skipped');

export const drainProceeds = (pods: number, node: string): MachineEvent =>
  normal('DrainProceeds', `Evicting ${podCount(pods)} from Node ${node}`);

export const drainBlocked = (message: string): MachineEvent => warning('DrainBlocked', message);

export const drainSucceeded = (message: string): MachineEvent => normal('DrainSucceeded', message);

export const held = (stage: 'preDrain' | 'preTerminate', message: string): MachineEvent =>
  normal(stage === 'preDrain' ? 'DrainBlocked' : 'TerminationBlocked', message);
