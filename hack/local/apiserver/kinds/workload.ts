/** Kinds with a Pod template: stored, defaulted and checked, but nothing here runs them. */
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import type { FieldError } from '../field-error.ts';
import { invalidValue, notSupported, required } from '../field-error.ts';
import type { ApiObject } from '../object.ts';
import { jsonEqual, view } from '../object.ts';
import { fromObject, matchesLabels } from '../selectors/label.ts';
import type { Strategy } from './definition.ts';
import { statusStrategy } from './definition.ts';
import { setTemplateDefaults } from './pod-defaults.ts';
import { validatePodSpec } from './pod.ts';

export const workloadStrategy: Strategy = {
  ...statusStrategy,
  generation: 'spec',
  validate: validateWorkload,
  validateUpdate(object, old) {
    if (jsonEqual(object.spec?.['selector'], old.spec?.['selector'])) return [];
    return [invalidValue('spec.selector', object.spec?.['selector'], 'field is immutable')];
  },
};

/** The selector of a ReplicationController is a plain map and may change. */
export const replicationControllerStrategy: Strategy = {
  ...workloadStrategy,
  validate: (object) => validateTemplate(object, object.spec?.['selector'] ?? {}),
  validateUpdate: () => [],
};

function validateWorkload(object: ApiObject): FieldError[] {
  const selector = object.spec?.['selector'];
  if (!isObject(selector)) return [required('spec.selector')];
  const requirements = fromObject(selector) ?? [];
  const labels = labelsOf(object.spec?.['template']);
  if (!matchesLabels(requirements, labels)) {
    const detail = '`selector` does not match template `labels`';
    return [invalidValue('spec.template.metadata.labels', labels, detail)];
  }
  return validateTemplate(object, {});
}

function validateTemplate(object: ApiObject, selector: unknown): FieldError[] {
  const template = object.spec?.['template'];
  if (!isObject(template)) return [required('spec.template')];
  const errors = validatePodSpec(view(template['spec']), 'spec.template.spec');
  const labels = labelsOf(template);
  for (const [key, value] of Object.entries(isObject(selector) ? selector : {})) {
    if (labels[key] === value) continue;
    const detail = '`selector` does not match template `labels`';
    errors.push(invalidValue('spec.template.metadata.labels', labels, detail));
  }
  const { restartPolicy } = view<{ restartPolicy?: string }>(template['spec'] ?? {});
  if (restartPolicy !== undefined && restartPolicy !== 'Always') {
    errors.push(notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always']));
  }
  return errors;
}

interface Template {
  metadata?: { labels?: Record<string, string> };
}

function labelsOf(template: unknown): Record<string, string> {
  return view<Template | undefined>(template)?.metadata?.labels ?? {};
}

export function setReplicaDefaults(object: JsonObject): void {
  setTemplateDefaults(object);
  if (isObject(object['spec'])) object['spec']['replicas'] ??= 1;
}

export function setDeploymentDefaults(object: JsonObject): void {
  setReplicaDefaults(object);
  const { spec } = object;
  if (!isObject(spec)) return;
  spec['revisionHistoryLimit'] ??= 10;
  spec['progressDeadlineSeconds'] ??= 600;
  const strategy = (spec['strategy'] ??= {});
  if (!isObject(strategy)) return;
  strategy['type'] ??= 'RollingUpdate';
  if (strategy['type'] !== 'RollingUpdate') return;
  strategy['rollingUpdate'] ??= {};
  if (!isObject(strategy['rollingUpdate'])) return;
  strategy['rollingUpdate']['maxUnavailable'] ??= '25%';
  strategy['rollingUpdate']['maxSurge'] ??= '25%';
}

export function setStatefulSetDefaults(object: JsonObject): void {
  setReplicaDefaults(object);
  const { spec } = object;
  if (!isObject(spec)) return;
  spec['podManagementPolicy'] ??= 'OrderedReady';
  spec['revisionHistoryLimit'] ??= 10;
  spec['updateStrategy'] ??= { type: 'RollingUpdate', rollingUpdate: { partition: 0 } };
}

export function setDaemonSetDefaults(object: JsonObject): void {
  setTemplateDefaults(object);
  const { spec } = object;
  if (!isObject(spec)) return;
  spec['revisionHistoryLimit'] ??= 10;
  const rollingUpdate = { maxSurge: 0, maxUnavailable: 1 };
  spec['updateStrategy'] ??= { type: 'RollingUpdate', rollingUpdate };
}

/** A ReplicationController selects by its template's labels unless told otherwise. */
export function setReplicationControllerDefaults(object: JsonObject): void {
  setReplicaDefaults(object);
  const { spec } = object;
  if (!isObject(spec) || spec['selector'] !== undefined) return;
  const labels = labelsOf(spec['template']);
  if (Object.keys(labels).length > 0) spec['selector'] = { ...labels };
}
