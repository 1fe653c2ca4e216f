import test from 'ava';
import type { Node, Pod } from '#api/core.ts';
import { MachineError, type MachineStatus } from '#api/machine/v1beta1/machine.ts';
import { providerStatusOf } from './provider-status.ts';
import { summarize, type Observed } from './status.ts';

const earlier = '2030-01-01T00:00:00Z';
const now = '2030-01-01T00:00:10Z';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'kubemark-actuator', name: 'worker-1' },
  status: { phase: 'Running', podIP: '10.0.0.1' },
};
const pending: Pod = { ...pod, status: { phase: 'Pending' } };
const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'worker-1', uid: 'node-uid' },
};
const nothing: Observed = {
  isDeleting: false,
  isStatic: false,
  pod: undefined,
  node: undefined,
  address: undefined,
  failure: undefined,
  waiting: undefined,
};
const linked: MachineStatus = { nodeRef: { kind: 'Node', name: 'worker-1', uid: 'node-uid' } };
const running: Observed = { ...nothing, pod, node, address: '10.0.0.1' };
const { nodeRef: _, ...unlinked } = summarize({}, running, earlier);
const misconfigured: Observed = {
  ...nothing,
  failure: {
    reason: 'InvalidConfiguration',
    message: 'numCores: 0',
    errorReason: 'InvalidConfiguration',
  },
};

const phases: [phase: string, when: string, before: MachineStatus, observed: Observed][] = [
  ['Provisioning', 'nothing is there', {}, nothing],
  ['Provisioning', 'the Pod has no address', {}, { ...nothing, pod: pending, address: '' }],
  ['Provisioned', 'the Pod has an address', {}, { ...nothing, pod, address: '10.0.0.1' }],
  ['Running', 'the Node registered', {}, running],
  ['Provisioned', 'a static machine is not linked yet', {}, { ...running, isStatic: true }],
  ['Running', 'somebody else linked a Node', linked, { ...nothing, pod, address: '10.0.0.1' }],
  ['Running', 'somebody took the link away', unlinked, { ...running, node: undefined }],
  ['Running', 'the Node it had is gone', { nodeRef: { name: 'worker-1' } }, { ...nothing, pod }],
  ['Failed', 'the configuration is wrong', {}, misconfigured],
  ['Deleting', 'it is deleted, whatever else', {}, { ...misconfigured, isDeleting: true }],
];

for (const [phase, when, before, observed] of phases) {
  test(`the phase is ${phase} when ${when}`, (t) => {
    t.is(summarize(before, observed, now).phase, phase);
  });
}

test('a running machine shows its Node, its address and its instance', (t) => {
  const status = summarize({}, running, now);
  t.deepEqual(status.nodeRef, linked.nodeRef);
  t.like(providerStatusOf(status).conditions?.at(-1), { type: 'NodeRegistered', status: 'True' });
  t.deepEqual(status.addresses, [{ type: 'InternalIP', address: '10.0.0.1' }]);
  const { instanceId, instanceState } = providerStatusOf(status);
  t.is(instanceId, 'kubemark-actuator/worker-1');
  t.is(instanceState, 'Running');
});

test('a reference stays when its Node goes, and follows the Node that comes back', (t) => {
  t.deepEqual(summarize(linked, nothing, now).nodeRef, linked.nodeRef);
  const another = { ...node, metadata: { ...node.metadata, uid: 'another' } };
  t.is(summarize(linked, { ...running, node: another }, now).nodeRef?.uid, 'another');
});

test('an address is never empty', (t) => {
  t.false('addresses' in summarize({}, { ...nothing, pod: pending, address: '' }, now));
});

test('nothing moves when nothing changed', (t) => {
  const before = summarize({}, running, earlier);
  t.is(summarize(before, running, now), before);
});

test('lastUpdated moves with a real change', (t) => {
  const before = summarize({}, nothing, earlier);
  t.is(before.lastUpdated, earlier);
  t.is(summarize(before, running, now).lastUpdated, now);
});

test('a condition that is false says False', (t) => {
  const { conditions } = providerStatusOf(summarize({}, misconfigured, now));
  t.like(conditions, [
    {
      type: 'MachineCreation',
      status: 'False',
      reason: 'MachineCreationFailed',
      message: 'numCores: 0',
    },
  ]);
});

test('an error is cleared once it is corrected', (t) => {
  const failed = summarize({}, misconfigured, earlier);
  t.is(failed.errorReason, 'InvalidConfiguration');
  const corrected = summarize(failed, running, now);
  t.false('errorReason' in corrected);
  t.false('errorMessage' in corrected);
  t.like(providerStatusOf(corrected).conditions?.[0], {
    status: 'True',
    lastTransitionTime: now,
  });
});

test('an error that is tried again does not make the machine Failed', (t) => {
  const failure = { reason: 'FailedCreate', message: 'quota' } as const;
  const status = summarize({}, { ...nothing, failure }, now);
  t.is(status.phase, 'Provisioning');
  t.false('errorReason' in status);
  t.like(providerStatusOf(status).conditions?.[0], { status: 'False', message: 'quota' });
});

test('lastTransitionTime stays when only the message changes', (t) => {
  const before = summarize({}, misconfigured, earlier);
  const failure = { ...misconfigured.failure, reason: 'InvalidConfiguration', message: 'another' };
  const after = summarize(before, { ...misconfigured, failure }, now);
  t.like(providerStatusOf(after).conditions?.[0], {
    message: 'another',
    lastTransitionTime: earlier,
    lastProbeTime: now,
  });
});

function waiting(reason: string): Pod {
  const container = { name: 'hollow-kubelet', image: 'no/such:image', imageID: '' };
  const state = { ready: false, restartCount: 0, state: { waiting: { reason } } };
  return {
    ...pending,
    status: { phase: 'Pending', containerStatuses: [{ ...container, ...state }] },
  };
}

test('an image that cannot be pulled is one problem, whatever the back-off is called', (t) => {
  const first = summarize({}, { ...nothing, pod: waiting('ErrImagePull') }, earlier);
  t.like(providerStatusOf(first).conditions?.[1], {
    status: 'False',
    reason: 'ImagePullFailed',
    message: 'container hollow-kubelet cannot pull image no/such:image',
  });
  t.is(summarize(first, { ...nothing, pod: waiting('ImagePullBackOff') }, now), first);
});

test("fields of others are kept: a drain controller's conditions", (t) => {
  const conditions = [{ type: 'Drained', status: 'True' }];
  t.deepEqual(summarize({ conditions }, running, now).conditions, conditions);
});

test('a container that crashes again and again does not postpone the end of the start-up time', (t) => {
  const first = summarize({}, { ...nothing, pod, address: '10.0.0.1' }, earlier);
  const { status } = waiting('CrashLoopBackOff');
  const crashing: Pod = { ...pod, status: { ...status, ...pod.status } };
  const after = summarize(first, { ...nothing, pod: crashing, address: '10.0.0.1' }, now);
  t.like(providerStatusOf(after).conditions?.[1], { status: 'False', reason: 'CrashLoopBackOff' });
  t.is(after.lastUpdated, earlier);
});

function conditionsOf(status: MachineStatus): string[] {
  const { conditions = [] } = providerStatusOf(status);
  return conditions.map(({ type, status: is }) => `${type}=${is}`);
}

test('the Node of a static machine that appears ends the failure in the conditions, too', (t) => {
  const missing = { reason: 'NodeNotFound', message: 'none', errorReason: MachineError.update };
  const before = summarize({}, { ...nothing, failure: missing }, earlier);
  t.deepEqual(conditionsOf(before), ['MachineCreation=False']);
  t.deepEqual(conditionsOf(summarize(before, { ...nothing, isDeleting: true }, now)), [
    'MachineCreation=False',
  ]);
  t.deepEqual(conditionsOf(summarize({ ...before, ...linked }, { ...nothing, node }, now)), [
    'NodeRegistered=True',
  ]);
});
