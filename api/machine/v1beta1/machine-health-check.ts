/** MachineHealthCheck of `machine.openshift.io/v1beta1`: replaces Machines whose Nodes are not well. */
import { Type, type Static } from 'typebox';
import type { CustomKind } from '../../custom-kind.ts';
import type { KubernetesObject } from '../../meta.ts';
import { anyObject, conditions, count, labelSelectorSchema } from './fields.ts';

/** Go's durations, not negative, as far as a regular expression can tell. */
const duration = {
  type: 'string',
  pattern: String.raw`^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$`,
} as const;

export const machineHealthCheckSpecSchema = Type.Object(
  {
    selector: labelSelectorSchema,
    unhealthyConditions: Type.Array(
      Type.Object({
        type: Type.String({ minLength: 1, description: 'Of a condition of the Node, e.g. Ready.' }),
        status: Type.String({ minLength: 1, description: 'True, False or Unknown.' }),
        timeout: Type.Unsafe<string>({
          ...duration,
          description: 'For how long the condition may have this status, e.g. 5m.',
        }),
      }),
      { minItems: 1, description: 'A Node that meets one of these for too long is not healthy.' },
    ),
    maxUnhealthy: Type.Optional(
      Type.Unsafe<number | string>({
        description:
          'While more of the Machines than this are not healthy, none is replaced: a number or a share.',
        'x-kubernetes-int-or-string': true,
        anyOf: [{ type: 'integer' }, { type: 'string' }],
        pattern: '^((100|[0-9]{1,2})%|[0-9]+)$',
        default: '100%',
      }),
    ),
    nodeStartupTimeout: Type.Optional(
      Type.Unsafe<string>({
        ...duration,
        description:
          'How old a Machine may become without a Node; 0: as old as it likes. Counted from its creation.',
        default: '10m',
      }),
    ),
    remediationTemplate: anyObject(
      'For remediation by somebody else. With it, nothing is replaced here.',
    ),
  },
  { description: 'Which Machines are looked after, and when they are replaced.' },
);

export const machineHealthCheckStatusSchema = Type.Object(
  {
    expectedMachines: count('How many Machines the selector selects.'),
    currentHealthy: count('How many of them are healthy.'),
    remediationsAllowed: count('How many more may become unhealthy before nothing is replaced.'),
    conditions: conditions('RemediationAllowed.'),
  },
  { description: 'How those Machines are.' },
);

export type MachineHealthCheckSpec = Static<typeof machineHealthCheckSpecSchema>;
export type MachineHealthCheckStatus = Static<typeof machineHealthCheckStatusSchema>;

export interface MachineHealthCheck extends KubernetesObject {
  spec?: MachineHealthCheckSpec;
  status?: MachineHealthCheckStatus;
}

export const machineHealthChecks: CustomKind<MachineHealthCheck> = {
  group: 'machine.openshift.io',
  version: 'v1beta1',
  kind: 'MachineHealthCheck',
  plural: 'machinehealthchecks',
  singular: 'machinehealthcheck',
  shortNames: ['mhc', 'mhcs'],
  categories: ['cluster-api'],
  namespaced: true,
  description: 'MachineHealthCheck replaces Machines whose Nodes are not well.',
  spec: machineHealthCheckSpecSchema,
  status: machineHealthCheckStatusSchema,
  printerColumns: [
    { name: 'MaxUnhealthy', type: 'string', jsonPath: '.spec.maxUnhealthy' },
    { name: 'ExpectedMachines', type: 'integer', jsonPath: '.status.expectedMachines' },
    { name: 'CurrentHealthy', type: 'integer', jsonPath: '.status.currentHealthy' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    {
      name: 'Reason',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="RemediationAllowed")].reason',
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="RemediationAllowed")].message',
      priority: 1,
    },
  ],
};
