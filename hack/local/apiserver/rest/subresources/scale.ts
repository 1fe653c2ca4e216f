import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import type { ObjectMeta } from '#api/meta.ts';
import { invalidValue } from '../../field-error.ts';
import type { ScalePaths } from '../../kinds/definition.ts';
import type { ApiObject } from '../../object.ts';
import { cloneJson, getPath, setPath, view } from '../../object.ts';
import { badRequest, conflict, invalid, notFound, staleVersion } from '../../status.ts';
import { keyOf } from '../../storage/store.ts';
import type { Stored } from '../../storage/stored.ts';
import type { Operation } from '../operation.ts';
import { asStored, groupVersionOf } from '../operation.ts';
import { replaceObject } from '../update.ts';

/** `autoscaling/v1 Scale`: the replicas of any kind that has them, in one form. */
export function getScale(operation: Operation, paths: ScalePaths): JsonObject {
  return scaleOf(find(operation).object, paths);
}

/** PUT to `scale`. */
export function updateScale(
  operation: Operation,
  paths: ScalePaths,
  scale: JsonObject,
): JsonObject {
  const old = find(operation);
  const { resource, name, version } = operation;
  const replicas = isObject(scale['spec']) ? (scale['spec']['replicas'] ?? 0) : 0;
  const kind = { group: 'autoscaling', kind: 'Scale' };
  if (typeof replicas !== 'number') throw badRequest('spec.replicas must be an integer');
  if (replicas < 0) {
    const detail = 'must be greater than or equal to 0';
    throw invalid(kind, name, [invalidValue('spec.replicas', replicas, detail)]);
  }
  const { resourceVersion, uid } = view<ObjectMeta>(scale['metadata'] ?? {});
  if (resourceVersion && resourceVersion !== old.object.metadata.resourceVersion) {
    throw staleVersion(resource.definition, name);
  }
  if (uid && uid !== old.object.metadata.uid) {
    throw conflict(resource.definition, name, `Precondition failed: UID in precondition: ${uid}`);
  }
  const body = view<JsonObject>(cloneJson(old.as(groupVersionOf(operation)).object));
  setPath(body, memberPath(paths.specReplicasPath), replicas);
  const draft = asStored(operation, version.codec.decode(body).object);
  return scaleOf(replaceObject(operation, old, draft, '').object, paths);
}

function find({ resource, namespace, name }: Operation): Stored {
  const stored = resource.store.get(keyOf(namespace, name));
  if (stored === undefined) throw notFound(resource.definition, name);
  return stored;
}

function scaleOf(object: ApiObject, paths: ScalePaths): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const count = (path: string): number => Number(getPath(object, memberPath(path)) ?? 0);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: count(paths.specReplicasPath) },
    status: { replicas: count(paths.statusReplicasPath), selector: selectorOf(object, paths) },
  };
}

/** Custom kinds keep the selector as text; built-in workloads have one to write out. */
function selectorOf(object: ApiObject, { labelSelectorPath }: ScalePaths): string {
  if (labelSelectorPath !== undefined) {
    const text = getPath(object, memberPath(labelSelectorPath));
    return typeof text === 'string' ? text : '';
  }
  const selector = object.spec?.['selector'];
  if (!isObject(selector)) return '';
  const labels = isObject(selector['matchLabels']) ? selector['matchLabels'] : selector;
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}

function memberPath(path: string): string[] {
  return path.slice(1).split('.');
}
