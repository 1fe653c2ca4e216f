import test from 'ava';
import type { Pod } from '#api/core.ts';
import type { ContainerStatus } from './pod-runtime.ts';
import type { PodPhase } from './pod-status.ts';
import { phaseOf, podStatusPatch } from './pod-status.ts';

const now = '2030-01-01T00:00:40Z';
const hostIP = '192.0.2.7';

type State = NonNullable<ContainerStatus['state']>;
type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

const running: State = { running: { startedAt: now } };
const waiting: State = { waiting: { reason: 'ImagePullBackOff' } };
const exited = (exitCode: number): State => ({ terminated: { exitCode } });

function container(state: State, rest: Partial<ContainerStatus> = {}): ContainerStatus {
  const ready = state.running !== undefined;
  return { name: 'c', image: 'i', imageID: '', ready, restartCount: 0, state, ...rest };
}

function pod(restartPolicy: RestartPolicy = 'Always', status: Pod['status'] = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 'p', uid: 'u1' },
    spec: { containers: [{ name: 'c', image: 'i' }], restartPolicy },
    status,
  };
}

const phases: [string, RestartPolicy, ContainerStatus[], boolean, PodPhase][] = [
  ['a running container', 'Always', [container(running)], false, 'Running'],
  ['an image that cannot be pulled', 'Always', [container(waiting)], false, 'Pending'],
  ['one of two waiting', 'Always', [container(running), container(waiting)], false, 'Pending'],
  [
    'a container in its restart pause',
    'Always',
    [container(waiting, { lastState: exited(1) })],
    false,
    'Running',
  ],
  ['an exit that is restarted', 'Always', [container(exited(0))], false, 'Running'],
  ['an exit of a job', 'OnFailure', [container(exited(0))], false, 'Succeeded'],
  ['a failure that is restarted', 'OnFailure', [container(exited(1))], false, 'Running'],
  ['a failure that is not', 'Never', [container(exited(0)), container(exited(1))], false, 'Failed'],
  [
    'one of two still running',
    'Never',
    [container(exited(1)), container(running)],
    false,
    'Running',
  ],
  ['containers stopped for good', 'Always', [container(exited(0))], true, 'Succeeded'],
  ['containers killed for good', 'Always', [container(exited(137))], true, 'Failed'],
];

for (const [title, restartPolicy, containers, isStopped, phase] of phases) {
  test(`${title} (${restartPolicy}) makes the Pod ${phase}`, (t) => {
    t.is(phaseOf({ pod: pod(restartPolicy), report: { containers }, isStopped }), phase);
  });
}

test('a Pod is Pending until its init containers have done their work', (t) => {
  const phase = (state: State, started?: boolean) =>
    phaseOf({
      pod: pod(),
      report: {
        containers: [container(running)],
        initContainers: [container(state, started === undefined ? {} : { started })],
      },
      isStopped: false,
    });
  t.is(phase(running), 'Pending');
  t.is(phase(exited(1)), 'Pending');
  t.is(phase(exited(0)), 'Running');
  t.is(phase(running, true), 'Running'); // a sidecar
});

const input = { hostIP, isStopped: false, now };
const report = { podIP: '240.0.0.1', containers: [container(running)] };

test('the first patch of a running Pod has all that others wait for', (t) => {
  const patch = podStatusPatch({ ...input, pod: pod(), report });
  const condition = { status: 'True', lastTransitionTime: now };
  t.deepEqual(patch, {
    metadata: { uid: 'u1' },
    status: {
      phase: 'Running',
      hostIP,
      hostIPs: [{ ip: hostIP }],
      startTime: now,
      podIP: '240.0.0.1',
      podIPs: [{ ip: '240.0.0.1' }],
      containerStatuses: report.containers,
      conditions: [
        { type: 'Initialized', ...condition },
        { type: 'Ready', ...condition },
        { type: 'ContainersReady', ...condition },
        { type: 'PodScheduled', ...condition },
      ],
    },
  });
});

/** The status after the first patch. */
const runningStatus = (): Pod['status'] => {
  const { status = {} } = podStatusPatch({ ...input, pod: pod(), report }) ?? {};
  return { ...status };
};

test('nothing is written when nothing changed', (t) => {
  const later = { ...input, now: '2030-01-01T01:00:00Z' };
  t.is(podStatusPatch({ ...later, pod: pod('Always', runningStatus()), report }), undefined);
});

test('a container that stops being ready changes two conditions and their times', (t) => {
  const later = '2030-01-01T01:00:00Z';
  const containers = [container(waiting, { lastState: exited(1), restartCount: 1 })];
  const patch = podStatusPatch({
    ...input,
    now: later,
    pod: pod('Always', runningStatus()),
    report: { podIP: '240.0.0.1', containers },
  });
  const change = {
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [c]',
    lastTransitionTime: later,
  };
  t.deepEqual(patch, {
    metadata: { uid: 'u1' },
    status: {
      containerStatuses: containers,
      conditions: [
        { type: 'Ready', ...change },
        { type: 'ContainersReady', ...change },
      ],
    },
  });
});

test('a reason that no longer holds is taken away', (t) => {
  const status = runningStatus();
  for (const condition of status?.conditions ?? []) {
    if (condition.type === 'Ready') Object.assign(condition, { status: 'False', reason: 'Old' });
  }
  const patch = podStatusPatch({ ...input, pod: pod('Always', status), report });
  t.like(patch, { status: { conditions: { 0: { type: 'Ready', status: 'True', reason: null } } } });
});

test('a Pod on the host’s network has the host’s address', (t) => {
  const onHost = pod();
  Object.assign(onHost.spec ?? {}, { hostNetwork: true });
  const patch = podStatusPatch({ ...input, pod: onHost, report });
  t.like(patch, { status: { podIP: hostIP, podIPs: { 0: { ip: hostIP } } } });
});
