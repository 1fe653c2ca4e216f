import type { Node, NodeCondition, Pod } from '#api/core.ts';

/** Every condition has these; kinds add more. */
interface Condition {
  type: string;
  status: string;
}

export function findCondition<T extends Condition>(
  conditions: readonly T[] | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function readyConditionOf(node: Node): NodeCondition | undefined {
  return findCondition(node.status?.conditions, 'Ready');
}

export function isPodReady(pod: Pod): boolean {
  return findCondition(pod.status?.conditions, 'Ready')?.status === 'True';
}

/** Its containers have stopped for good: it holds no resources any more. */
export function isPodFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** The node a Pod is bound to; `''` before it is scheduled. */
export function nodeNameOf(pod: Pod): string {
  return pod.spec?.nodeName ?? '';
}
