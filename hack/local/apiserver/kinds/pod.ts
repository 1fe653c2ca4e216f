import type { Pod } from '#api/core.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../field-error.ts';
import type { ApiObject } from '../object.ts';
import { getText, jsonEqual, view } from '../object.ts';
import { isLabelName } from '../rest/names.ts';
import type { SelectableFields } from '../selectors/field.ts';
import { forbidden } from '../status.ts';
import type { Cluster, Strategy } from './definition.ts';
import { keepStatus, plainStrategy } from './definition.ts';

type Spec = NonNullable<Pod['spec']>;
type Container = Spec['containers'][number];
type Toleration = NonNullable<Spec['tolerations']>[number];

const pods = { group: '', plural: 'pods' };

export const podFields: SelectableFields = {
  'spec.nodeName': (pod) => getText(pod, 'spec', 'nodeName'),
  'spec.restartPolicy': (pod) => getText(pod, 'spec', 'restartPolicy'),
  'spec.schedulerName': (pod) => getText(pod, 'spec', 'schedulerName'),
  'spec.serviceAccountName': (pod) => getText(pod, 'spec', 'serviceAccountName'),
  'spec.hostNetwork': (pod) => String(pod.spec?.['hostNetwork'] === true),
  'status.phase': (pod) => getText(pod, 'status', 'phase'),
  'status.podIP': (pod) => getText(pod, 'status', 'podIP'),
  'status.nominatedNodeName': (pod) => getText(pod, 'status', 'nominatedNodeName'),
};

/** pkg/registry/core/pod/strategy.go and the admission plugins that are on by default. */
export const podStrategy: Strategy = {
  ...plainStrategy,
  returnsDeleted: true,
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending', qosClass: qosClassOf(draft) };
  },
  admit(draft, cluster) {
    const spec = view<Spec>((draft.spec ??= {}));
    spec.serviceAccountName ??= 'default';
    spec.serviceAccount = spec.serviceAccountName;
    spec.enableServiceLinks ??= true;
    admitPriority(draft, spec, cluster);
    spec.tolerations = withDefaultTolerations(spec.tolerations ?? []);
  },
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate(draft, old) {
    draft.spec = old.spec ?? {};
    const { ownerReferences } = old.metadata;
    // Old kubelets corrupted owner references; their endpoint does not reach them.
    if (ownerReferences === undefined) delete draft.metadata.ownerReferences;
    else draft.metadata.ownerReferences = ownerReferences;
    const qosClass = old.status?.['qosClass'];
    if (qosClass !== undefined) draft.status = { ...draft.status, qosClass };
  },
  validate: (pod) => validatePodSpec(view<Pod>(pod).spec),
  validateUpdate: validatePodUpdate,
  gracePeriod(pod, requested) {
    const phase = getText(pod, 'status', 'phase');
    const isOver = phase === 'Succeeded' || phase === 'Failed';
    if (getText(pod, 'spec', 'nodeName') === '' || isOver) return 0;
    const wanted = requested ?? Number(pod.spec?.['terminationGracePeriodSeconds'] ?? 30);
    return wanted < 0 ? 1 : wanted;
  },
};

/** Priority admission: a class becomes a number. */
function admitPriority(draft: ApiObject, spec: Spec, cluster: Cluster): void {
  const classes = cluster.store('scheduling.k8s.io', 'priorityclasses');
  const name = spec.priorityClassName;
  const found = name
    ? classes.get(`/${name}`)?.object
    : [...classes.list()].find(({ object }) => object['globalDefault'] === true)?.object;
  if (name && found === undefined) {
    const why = `no PriorityClass with name ${name} was found`;
    throw forbidden(pods, draft.metadata.name ?? '', why);
  }
  if (found?.metadata.name !== undefined) spec.priorityClassName = found.metadata.name;
  spec.priority = Number(found?.['value'] ?? 0);
  spec.preemptionPolicy ??= getText(found, 'preemptionPolicy') || 'PreemptLowerPriority';
}

/** DefaultTolerationSeconds admission: Pods outlive five bad minutes of their node. */
function withDefaultTolerations(tolerations: Toleration[]): Toleration[] {
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter((key) => !tolerations.some((toleration) => covers(toleration, key)))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));
  return [...tolerations, ...missing];
}

function covers({ key, effect }: Toleration, taint: string): boolean {
  return (!key || key === taint) && (!effect || effect === 'NoExecute');
}

/** pkg/apis/core/v1/helper/qos: only cpu and memory count. */
function qosClassOf(draft: ApiObject): string {
  const { containers = [], initContainers = [] } = view<Partial<Spec>>(draft.spec ?? {});
  let hasAny = false;
  let isGuaranteed = true;
  for (const { resources } of [...containers, ...initContainers]) {
    for (const name of ['cpu', 'memory']) {
      const limit = resources?.limits?.[name];
      const request = resources?.requests?.[name];
      if (limit !== undefined || request !== undefined) hasAny = true;
      if (limit === undefined || (request ?? limit) !== limit) isGuaranteed = false;
    }
  }
  if (!hasAny) return 'BestEffort';
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

const restartPolicies = ['Always', 'Never', 'OnFailure'];
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** The checks that a mistyped Pod runs into; also for templates (`path`). */
export function validatePodSpec(spec: Spec | undefined, path = 'spec'): FieldError[] {
  const errors: FieldError[] = [];
  const { containers = [], initContainers = [], volumes = [], tolerations = [] } = spec ?? {};
  if (containers.length === 0) errors.push(required(`${path}.containers`));
  const names = new Set<string>();
  errors.push(...validateContainers(initContainers, `${path}.initContainers`, volumes, names));
  errors.push(...validateContainers(containers, `${path}.containers`, volumes, names));
  for (const [index, { name }] of volumes.entries()) {
    if (!name) errors.push(required(`${path}.volumes[${index}].name`));
    else if (volumes.findIndex((volume) => volume.name === name) !== index) {
      errors.push(duplicate(`${path}.volumes[${index}].name`, name));
    }
  }
  if (spec?.restartPolicy !== undefined && !restartPolicies.includes(spec.restartPolicy)) {
    errors.push(notSupported(`${path}.restartPolicy`, spec.restartPolicy, restartPolicies));
  }
  for (const [index, { effect }] of tolerations.entries()) {
    if (effect && !effects.includes(effect)) {
      errors.push(notSupported(`${path}.tolerations[${index}].effect`, effect, effects));
    }
  }
  return errors;
}

const labelMessage =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

function validateContainers(
  containers: Container[],
  path: string,
  volumes: { name: string }[],
  names: Set<string>,
): FieldError[] {
  return containers.flatMap(({ name, image, volumeMounts = [] }, index) => {
    const at = `${path}[${index}]`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    else if (!isLabelName(name)) errors.push(invalidValue(`${at}.name`, name, labelMessage));
    else if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (!image) errors.push(required(`${at}.image`));
    for (const [mountIndex, mount] of volumeMounts.entries()) {
      if (volumes.some((volume) => volume.name === mount.name)) continue;
      const field = `${at}.volumeMounts[${mountIndex}].name`;
      errors.push({ reason: 'FieldValueNotFound', field, value: JSON.stringify(mount.name) });
    }
    return errors;
  });
}

const immutableMessage =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** A Pod's spec is fixed but for images, the deadline, more tolerations and fewer gates. */
function validatePodUpdate(object: ApiObject, before: ApiObject): FieldError[] {
  const next = view<Spec>(object.spec);
  const old = view<Spec>(before.spec);
  if (next === old) return [];
  const kept = (next.tolerations ?? []).filter((toleration) =>
    (old.tolerations ?? []).some((other) => jsonEqual(toleration, other)),
  );
  if (kept.length < (old.tolerations ?? []).length) {
    return [
      forbiddenField(
        'spec.tolerations',
        'existing toleration can not be modified except its tolerationSeconds',
      ),
    ];
  }
  const gates = new Set((old.schedulingGates ?? []).map((gate) => gate.name));
  if ((next.schedulingGates ?? []).some((gate) => !gates.has(gate.name))) {
    return [
      forbiddenField(
        'spec.schedulingGates',
        'only deletion is allowed, but found new scheduling gates',
      ),
    ];
  }
  return jsonEqual(fixedPart(next), fixedPart(old))
    ? []
    : [forbiddenField('spec', immutableMessage)];
}

const withoutImage = ({ image: ____, ...rest }: Container): object => rest;

function fixedPart(spec: Spec): object {
  const { activeDeadlineSeconds: _, tolerations: __, schedulingGates: ___, ...fixed } = spec;
  return {
    ...fixed,
    containers: spec.containers.map(withoutImage),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(withoutImage) }),
  };
}
