/** What users read in `kubectl describe machine`. Reasons are words for programs, and stable. */
import { formatDuration } from '#api/duration.ts';
import { quote } from '#api/quote.ts';
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

export const podCreationFailed = (message: string): MachineEvent =>
  warning('FailedCreate', `Cannot create the hollow node Pod: ${message}`);

export const podRecreated = (pod: string): MachineEvent =>
  warning('InstanceLost', `Pod ${pod} was lost; creating it again under the same name`);

export const instanceLost = (message: string): MachineEvent => warning('InstanceLost', message);

export const instanceNotRunning = (reason: string, message: string): MachineEvent =>
  warning(reason, `The hollow node does not run: ${message}`);

export const invalidConfiguration = (message: string): MachineEvent =>
  warning('InvalidConfiguration', message);

export const ignoredConfiguration = (message: string): MachineEvent =>
  warning('IgnoredConfiguration', message);

export const missingClusterLabel = (): MachineEvent =>
  warning('MissingClusterLabel', `No label ${clusterLabel}: other controllers may want one`);

export const providerIDReplaced = (found: string, own: string): MachineEvent =>
  warning(
    'ProviderIDReplaced',
    `spec.providerID was ${quote(found)}, of another machine; now ${own}`,
  );

export const nodeLost = (node: string): MachineEvent =>
  warning('NodeLost', `The Node ${node} is gone; it comes back only with a new Pod`);

export const staticNodeNotFound = (node: string): MachineEvent =>
  warning('NodeNotFound', `The Node ${quote(node)} of this static machine does not exist`);

export const deletionDelayed = (milliseconds: number): MachineEvent =>
  normal(
    'DeletionDelayed',
    `Pod and Node stay for the deletionTimeout of ${formatDuration(milliseconds)}`,
  );

export const deleting = (kind: 'Pod' | 'Node', name: string): MachineEvent =>
  normal('Deleting', `Deleting ${kind} ${name}`);

export const deleted = (node: string): MachineEvent =>
  normal('Deleted', `Pod and Node ${node} are gone`);
