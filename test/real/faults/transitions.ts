import type { Node, NodeCondition } from '#api/core.ts';
import { readFaults } from '#api/faults/read.ts';
import { stateAt } from '#api/faults/schedule.ts';
import type { Observation } from '../harness/observation.ts';
import type { FaultyNode } from './injectors.ts';

/** A condition has another status than before. */
export interface Transition {
  status: string;
  /** Seconds from the origin of the faults at which a watch showed it. */
  at: number;
  /** What `lastTransitionTime` says, in the same seconds: the beginning of one of the clock. */
  storedAt: number;
}

export function conditionOf(node: Node | undefined, type: string): NodeCondition | undefined {
  return node?.status?.conditions?.find((condition) => condition.type === type);
}

/** What became of a condition, from its first status on. */
export function transitionsOf(
  nodes: Observation<Node>,
  { name, origin }: FaultyNode,
  type = 'Ready',
): Transition[] {
  const transitions: Transition[] = [];
  for (const version of nodes.history(name)) {
    const condition = conditionOf(version, type);
    if (condition === undefined || transitions.at(-1)?.status === condition.status) continue;
    transitions.push({
      status: condition.status,
      at: (nodes.seenAt(version) - origin) / 1000,
      storedAt: (Date.parse(condition.lastTransitionTime ?? '') - origin) / 1000,
    });
  }
  return transitions;
}

/** Every Node is created with the not-ready taint; kubemarks lose it after 11 s. */
const beginning = 12;

/** Seconds at which a taint came, and at which it was gone again. */
export function taintSpan(
  nodes: Observation<Node>,
  { name, origin }: FaultyNode,
  taint: string,
): { from: number; to: number } | undefined {
  const has = (node: Node): boolean =>
    (node.spec?.taints ?? []).some(({ key, effect }) => `${key}:${effect}` === taint);
  const all = nodes
    .history(name)
    .filter((version) => nodes.seenAt(version) - origin > beginning * 1000);
  const first = all.findIndex(has);
  const started = all[first];
  if (started === undefined) return undefined;
  const ended = all.slice(first).find((version) => !has(version));
  const seconds = (version: Node | undefined): number =>
    version === undefined ? Number.NaN : (nodes.seenAt(version) - origin) / 1000;
  return { from: seconds(started), to: seconds(ended) };
}

/** When the faults change, until some second: the schedule is no part of what is tested here. */
export function changesOf(text: string, nodeName: string, until: number): number[] {
  const faults = readFaults(text, nodeName, '');
  const changes: number[] = [];
  for (let time = 0; ;) {
    time = stateAt(faults, time).nextChange;
    if (time > until * 1000) return changes;
    changes.push(Math.round(time) / 1000);
  }
}
