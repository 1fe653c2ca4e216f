import { quote } from '#api/quote.ts';
import { DeletePolicy, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import { isEmptySelector, matchesSelector, selectorProblem } from '#runtime/label-selector.ts';

/**
 * What the user has to change before the set can work; undefined: nothing. The CRD does not hold all of
 * this, and on a cluster that brings its own CRDs it need not be ours.
 */
export function specProblem({ spec }: MachineSet): string | undefined {
  if (spec === undefined) return 'spec: missing';
  const { selector, template, deletePolicy, replicas = 1 } = spec;
  if (isEmptySelector(selector)) {
    return 'spec.selector: an empty selector is not valid: it would select every Machine';
  }
  const problem = selectorProblem(selector);
  if (problem !== undefined) return `spec.selector: ${problem}`;
  if (!matchesSelector(selector, template?.metadata?.labels)) {
    return 'spec.template.metadata.labels: `selector` does not match template `labels`';
  }
  if (!Number.isInteger(replicas) || replicas < 0) {
    return `spec.replicas: ${replicas} is not a number of Machines (want 0 or more)`;
  }
  const policies: string[] = Object.values(DeletePolicy);
  if (deletePolicy !== undefined && !policies.includes(deletePolicy)) {
    const want = policies.join(', ');
    return `spec.deletePolicy: ${quote(deletePolicy)} is not a policy (want ${want})`;
  }
  return undefined;
}
