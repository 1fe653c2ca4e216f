import type { Pod } from '#api/core.ts';
import { view } from '../object.ts';
import type { Columns } from './columns.ts';
import { age, column } from './columns.ts';

const none = '<none>';

export const podColumns: Columns = {
  definitions: [
    column('Name'),
    column('Ready'),
    column('Status'),
    column('Restarts'),
    column('Age'),
    column('IP', 1),
    column('Node', 1),
    column('Nominated Node', 1),
    column('Readiness Gates', 1),
  ],
  cells(object, now) {
    const pod = view<Pod>(object);
    const statuses = pod.status?.containerStatuses ?? [];
    const ready = statuses.filter((status) => status.ready && status.state?.running).length;
    return [
      pod.metadata.name ?? '',
      `${ready}/${pod.spec?.containers.length ?? 0}`,
      podStatus(pod),
      String(statuses.reduce((sum, status) => sum + status.restartCount, 0)),
      age(pod.metadata.creationTimestamp, now),
      pod.status?.podIP || none,
      pod.spec?.nodeName || none,
      pod.status?.nominatedNodeName || none,
      readinessGates(pod),
    ];
  },
};

/** One word for the state of a Pod (printPod in pkg/printers/internalversion/printers.go). */
function podStatus(pod: Pod): string {
  const { status, metadata } = pod;
  const initializing = initStatus(pod);
  let word = initializing ?? containerStatus(pod);
  if (metadata.deletionTimestamp === undefined) return word;
  if (status?.reason === 'NodeLost') return 'Unknown';
  const isOver = status?.phase === 'Failed' || status?.phase === 'Succeeded';
  if (!isOver) word = 'Terminating';
  return word;
}

function initStatus({ spec, status }: Pod): string | undefined {
  const total = spec?.initContainers?.length ?? 0;
  for (const [index, { state }] of (status?.initContainerStatuses ?? []).entries()) {
    if (state?.terminated?.exitCode === 0) continue;
    if (state?.terminated) return `Init:${terminatedWord(state.terminated)}`;
    const waiting = state?.waiting?.reason;
    if (waiting && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${total}`;
  }
  return undefined;
}

function containerStatus({ status }: Pod): string {
  let word = status?.reason ?? status?.phase ?? '';
  const scheduled = status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  if (scheduled?.reason === 'SchedulingGated') word = 'SchedulingGated';
  let hasRunning = false;
  for (const { state, ready } of (status?.containerStatuses ?? []).toReversed()) {
    if (state?.waiting?.reason) word = state.waiting.reason;
    else if (state?.terminated) word = terminatedWord(state.terminated);
    else if (ready && state?.running) hasRunning = true;
  }
  if (word !== 'Completed' || !hasRunning) return word;
  const isReady = status?.conditions?.some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  );
  return isReady ? 'Running' : 'NotReady';
}

function terminatedWord(state: { reason?: string; signal?: number; exitCode: number }): string {
  if (state.reason) return state.reason;
  return state.signal ? `Signal:${state.signal}` : `ExitCode:${state.exitCode}`;
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec?.readinessGates ?? [];
  if (gates.length === 0) return none;
  const met = gates.filter((gate) =>
    status?.conditions?.some(
      ({ type, status: is }) => type === gate.conditionType && is === 'True',
    ),
  );
  return `${met.length}/${gates.length}`;
}
