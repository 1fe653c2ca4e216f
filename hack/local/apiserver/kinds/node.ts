import type { Node } from '#api/core.ts';
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbiddenField, notSupported, required } from '../field-error.ts';
import type { ApiObject } from '../object.ts';
import { view } from '../object.ts';
import { validateLabels, validateQualifiedName } from '../rest/names.ts';
import type { SelectableFields } from '../selectors/field.ts';
import type { Strategy } from './definition.ts';
import { keepStatus, plainStrategy } from './definition.ts';

export const nodeFields: SelectableFields = {
  'spec.unschedulable': (node) => String(node.spec?.['unschedulable'] === true),
};

const notReadyTaint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** pkg/registry/core/node/strategy.go and TaintNodesByCondition admission. */
export const nodeStrategy: Strategy = {
  ...plainStrategy,
  admit(draft) {
    const spec = (draft.spec ??= {});
    const taints = view<{ key: string; effect: string }[]>(spec['taints'] ?? []);
    // Nothing may land on a node before its kubelet said that it is ready.
    if (!taints.some(({ key, effect }) => key === notReadyTaint.key && effect === 'NoSchedule')) {
      spec['taints'] = [...taints, notReadyTaint];
    }
  },
  prepareForUpdate: keepStatus,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
};

const systemFields = [
  'machineID',
  'systemUUID',
  'bootID',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
  'kubeletVersion',
  'kubeProxyVersion',
  'operatingSystem',
  'architecture',
];

/** All may be allocated; what a node does not say of itself is empty. */
export function setNodeDefaults(node: JsonObject): void {
  const status = (node['status'] ??= {});
  if (!isObject(status)) return;
  if (isObject(status['capacity'])) status['allocatable'] ??= { ...status['capacity'] };
  status['daemonEndpoints'] ??= { kubeletEndpoint: { Port: 0 } };
  const nodeInfo = (status['nodeInfo'] ??= {});
  if (!isObject(nodeInfo)) return;
  for (const field of systemFields) nodeInfo[field] ??= '';
}

function validateNode(object: ApiObject): FieldError[] {
  const taints = view<Node>(object).spec?.taints ?? [];
  return taints.flatMap(({ key, value, effect }, index) => {
    const field = `metadata.taints[${index}]`; // a slip of the real server
    const errors = key ? validateQualifiedName(key, `${field}.key`) : [required(`${field}.key`)];
    if (value) errors.push(...validateLabels({ key: value }, `${field}.value`));
    if (!effect) errors.push(required(`${field}.effect`));
    else if (!effects.includes(effect)) {
      errors.push(notSupported(`${field}.effect`, effect, effects));
    }
    const first = taints.findIndex((taint) => taint.key === key && taint.effect === effect);
    if (first !== index) {
      const detail = 'taints must be unique by key and effect pair';
      errors.push({ ...duplicate(field, { key, value, effect }), detail });
    }
    return errors;
  });
}

/** What a node was given once is its identity. */
function validateNodeUpdate(object: ApiObject, before: ApiObject): FieldError[] {
  const fixed = [
    ['providerID', 'providerID'],
    ['podCIDRs', 'podCIDR'],
  ] as const;
  return fixed.flatMap(([field, word]) => {
    const old = before.spec?.[field];
    const isChanged = JSON.stringify(old) !== JSON.stringify(object.spec?.[field]);
    if (old === undefined || !isChanged) return [];
    const detail = `node updates may not change ${word} except from "" to valid`;
    return [forbiddenField(`spec.${field}`, detail)];
  });
}
