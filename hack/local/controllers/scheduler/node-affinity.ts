import type { Node, Pod } from '#api/core.ts';
import { matchesLabels } from '../objects/label-selector.ts';

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

/** `spec.nodeSelector` and the required node affinity; either absent: any node. */
export function matchesNodeAffinity(pod: Pod, node: Node): boolean {
  const { nodeSelector, affinity } = pod.spec ?? {};
  if (nodeSelector && !matchesLabels(nodeSelector, node.metadata.labels)) return false;
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
    matchExpressions.every((requirement) => meets(requirement, node.metadata.labels ?? {})) &&
    matchFields.every((requirement) => meets(requirement, fields))
  );
}

function meets({ key, operator, values = [] }: Requirement, from: Record<string, string>): boolean {
  const value = from[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isInteger(value) && Number(value) > Number(values[0]);
    case 'Lt':
      return isInteger(value) && Number(value) < Number(values[0]);
    default:
      return false; // the API server admits no other operator
  }
}

function isInteger(value: string | undefined): boolean {
  return value !== undefined && /^[+-]?\d+$/.test(value);
}
