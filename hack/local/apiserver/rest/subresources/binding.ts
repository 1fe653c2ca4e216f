import type { Pod } from '#api/core.ts';
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import type { ObjectMeta } from '#api/meta.ts';
import { timestamp } from '#api/timestamp.ts';
import { invalidValue, required } from '../../field-error.ts';
import type { ApiObject } from '../../object.ts';
import { getText, view } from '../../object.ts';
import type { StatusObject } from '../../status.ts';
import { conflict, invalid, notFound, success } from '../../status.ts';
import { keyOf } from '../../storage/store.ts';
import type { Operation } from '../operation.ts';

/** POST to `pods/NAME/binding`: puts a Pod on a node, once (pkg/registry/core/pod/storage). */
export function bindPod(operation: Operation, binding: JsonObject): StatusObject {
  const { resource, namespace, name, clock, isDryRun } = operation;
  const target = isObject(binding['target']) ? binding['target'] : {};
  const node = getText(target, 'name');
  const kind = { group: '', kind: 'Binding' };
  if (node === '') throw invalid(kind, name, [required('target.name')]);
  if (target['kind'] !== undefined && target['kind'] !== '' && target['kind'] !== 'Node') {
    const detail = 'must be empty, or "Node"';
    throw invalid(kind, name, [invalidValue('target.kind', target['kind'], detail)]);
  }
  const stored = resource.store.get(keyOf(namespace, name));
  if (stored === undefined) throw notFound(resource.definition, name);
  const pod = stored.object;
  refuseIfNotBindable(pod, binding, name);

  const metadata = { ...pod.metadata };
  const { annotations } = view<ObjectMeta>(binding['metadata'] ?? {});
  if (annotations) metadata.annotations = { ...metadata.annotations, ...annotations };
  const bound: ApiObject = {
    ...pod,
    metadata,
    spec: { ...pod.spec, nodeName: node },
    status: { ...pod.status, conditions: scheduled(pod, timestamp(clock.now())) },
  };
  if (!isDryRun) resource.store.put(bound);
  return success({ code: 201 });
}

const pods = { group: '', plural: 'pods/binding' };

function refuseIfNotBindable(pod: ApiObject, binding: JsonObject, name: string): void {
  const uid = getText(binding, 'metadata', 'uid');
  if (uid !== '' && uid !== pod.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid ?? ''}`;
    throw conflict(pods, name, why);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw conflict(pods, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  const node = getText(pod, 'spec', 'nodeName');
  if (node !== '') {
    throw conflict(pods, name, `pod ${name} is already assigned to node "${node}"`);
  }
  const gates = pod.spec?.['schedulingGates'];
  if (Array.isArray(gates) && gates.length > 0) {
    throw conflict(pods, name, `pod ${name} has non-empty .spec.schedulingGates`);
  }
}

function scheduled(pod: ApiObject, lastTransitionTime: string): object[] {
  const conditions = (view<Pod>(pod).status?.conditions ?? []).filter(
    (condition) => condition.type !== 'PodScheduled',
  );
  const condition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime,
  };
  return [...conditions, condition];
}
