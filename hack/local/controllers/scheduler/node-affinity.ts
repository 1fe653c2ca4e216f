import type { Node, Pod } from '#api/core.ts';
import { matchesSelector, meetsRequirement, type Requirement } from '#runtime/label-selector.ts';

/** `spec.nodeSelector` and the required node affinity; either absent: any node. */
export function matchesNodeAffinity(pod: Pod, node: Node): boolean {
  const { nodeSelector, affinity } = pod.spec ?? {};
  if (nodeSelector && !matchesSelector({ matchLabels: nodeSelector }, node.metadata.labels)) {
    return false;
  }
  const terms =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => matchesTerm(term, node));
}

/** All requirements of a term must hold; a term without any matches no node. */
function matchesTerm(
  { matchExpressions = [], matchFields = [] }: Partial<Record<string, Requirement[]>>,
  node: Node,
): boolean {
  const fields = { 'metadata.name': node.metadata.name ?? '' };
  return (
    matchExpressions.length + matchFields.length > 0 &&
    matchExpressions.every((requirement) => meetsNode(requirement, node.metadata.labels ?? {})) &&
    matchFields.every((requirement) => meetsNode(requirement, fields))
  );
}

/** Nodes are also selected by numbers, which label selectors do not know. */
function meetsNode(requirement: Requirement, from: Record<string, string>): boolean {
  const { key, operator, values = [] } = requirement;
  if (operator !== 'Gt' && operator !== 'Lt') return meetsRequirement(requirement, from);
  const value = from[key];
  if (!isInteger(value)) return false;
  const difference = Number(value) - Number(values[0]);
  return operator === 'Gt' ? difference > 0 : difference < 0;
}

function isInteger(value: string | undefined): boolean {
  return value !== undefined && /^[+-]?\d+$/.test(value);
}
