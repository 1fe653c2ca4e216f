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

export function secondsAfter(start: string, time: string): number {
  return (Date.parse(time) - Date.parse(start)) / 1000;
}
