import { quote } from '#api/quote.ts';
import {
  DeploymentStrategy,
  type MachineDeployment,
} from '#api/machine/v1beta1/machine-deployment.ts';
import { isEmptySelector, matchesSelector, selectorProblem } from '#runtime/label-selector.ts';
import type { IntOrPercent } from './limits.ts';

/**
 * What the user has to change before the deployment can work; undefined: nothing. The CRD does not hold
 * all of this, and on a cluster that brings its own CRDs it need not be ours.
 */
export function specProblem({ spec }: MachineDeployment): string | undefined {
  if (spec === undefined) return 'spec: missing';
  const { selector, template, strategy = {} } = spec;
  if (isEmptySelector(selector)) {
    return 'spec.selector: an empty selector is not valid: it would select every MachineSet';
  }
  const problem = selectorProblem(selector);
  if (problem !== undefined) return `spec.selector: ${problem}`;
  if (!matchesSelector(selector, template.metadata?.labels)) {
    return 'spec.template.metadata.labels: `selector` does not match template `labels`';
  }
  const types: string[] = Object.values(DeploymentStrategy);
  if (strategy.type !== undefined && !types.includes(strategy.type)) {
    const want = types.join(', ');
    return `spec.strategy.type: ${quote(strategy.type)} is not a strategy (want ${want})`;
  }
  return Object.entries(strategy.rollingUpdate ?? {})
    .filter(([, limit]) => !isLimit(limit))
    .map(([name, limit]) => `spec.strategy.rollingUpdate.${name}: ${limitProblem(limit)}`)
    .at(0);
}

function isLimit(limit: IntOrPercent): boolean {
  return typeof limit === 'number'
    ? Number.isInteger(limit) && limit >= 0
    : /^\d{1,9}%$/.test(limit);
}

function limitProblem(limit: IntOrPercent): string {
  const text = typeof limit === 'number' ? String(limit) : quote(limit);
  return `${text} is not a number of Machines (want e.g. 1, "25%")`;
}
