import type { ExecutionContext } from 'ava';
import type { Node } from '#api/core.ts';

export interface Transition {
  status: string;
  /** When the Node says it happened, in whole seconds. */
  time: string;
}

/** What the Ready condition has been in the versions of a Node, each change once. */
export function readyTransitions(history: readonly Node[]): Transition[] {
  const transitions: Transition[] = [];
  for (const { status } of history) {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready === undefined || ready.status === transitions.at(-1)?.status) continue;
    transitions.push({ status: ready.status, time: ready.lastTransitionTime ?? '' });
  }
  return transitions;
}

/** What comes after a Node has become Ready for the first time. */
export function changesOnceReady(history: readonly Node[]): Transition[] {
  const transitions = readyTransitions(history);
  const joined = transitions.findIndex(({ status }) => status === 'True');
  return joined < 0 ? [] : transitions.slice(joined + 1);
}

/** How late a fault may be seen, in seconds: the program starts, and conditions count whole seconds. */
const tolerance = 5;

/** Asserts that a Node turned not Ready, Ready, not Ready, …, so many seconds after `start`. */
export function assertOnTime(
  t: ExecutionContext,
  changes: readonly Transition[],
  start: string,
  seconds: readonly number[],
): void {
  t.deepEqual(
    changes.map(({ status }) => status),
    seconds.map((_, index) => (index % 2 === 0 ? 'False' : 'True')),
  );
  for (const [index, { time }] of changes.entries()) {
    const late = secondsAfter(start, time) - (seconds[index] ?? 0);
    t.true(late >= -1 && late <= tolerance, `change ${index + 1} is ${late} s late`);
  }
}

function secondsAfter(start: string, time: string): number {
  return (Date.parse(time) - Date.parse(start)) / 1000;
}
