import type { Node, Pod } from '#api/core.ts';

export interface InstanceProblem {
  reason: string;
  message: string;
}

/** Both come and go while the kubelet backs off: one stable word, so that the status stands still. */
const imageReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName']);

/** Why the hollow node of a Pod does not run; undefined when it does. */
export function instanceProblem(pod: Pod): InstanceProblem | undefined {
  const { phase = 'Pending', containerStatuses = [] } = pod.status ?? {};
  for (const { name, image, state } of containerStatuses) {
    const reason = state?.waiting?.reason;
    if (reason === undefined || reason === 'ContainerCreating' || reason === 'PodInitializing') {
      continue;
    }
    return imageReasons.has(reason)
      ? { reason: 'ImagePullFailed', message: `container ${name} cannot pull image ${image}` }
      : { reason, message: `container ${name} waits: ${reason}` };
  }
  if (phase === 'Running') return undefined;
  const unscheduled = pod.status?.conditions?.find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  return unscheduled === undefined
    ? { reason: `Pod${phase}`, message: `the Pod is ${phase}` }
    : { reason: 'PodUnscheduled', message: unscheduled.message ?? 'no node takes the Pod' };
}

/** A Pod that will never run again, whatever its kubelet does. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

const shortestLife = 5000;

/**
 * Milliseconds before a finished Pod may be replaced; 0 or less: now. One that its node refuses fails
 * at once, and the next would too: without a pause that is a hot loop.
 */
export function replacementDelay({ metadata }: Pod, now: number): number {
  const created = Date.parse(metadata.creationTimestamp ?? '');
  return Math.min(created + shortestLife - now, shortestLife); // a clock may be ahead
}

const longestRegistration = 2000;

/**
 * Milliseconds until both should be known, a Pod that runs and its Node, once one of them is; 0 or less:
 * that takes unusually long. Until then the status waits, or most machines would cost one write more.
 */
export function registrationDelay({ status }: Pod, node: Node | undefined, now: number): number {
  const isRunning = status?.phase === 'Running';
  if (isRunning === (node !== undefined)) return 0;
  const [{ state } = {}] = status?.containerStatuses ?? [];
  const since = isRunning ? state?.running?.startedAt : node?.metadata.creationTimestamp;
  const rest = Date.parse(since ?? '') + longestRegistration - now;
  return rest <= longestRegistration ? rest : 0; // a clock may be ahead
}
