/**
 * What an API server fills into the Pods of users (pkg/apis/core/v1/defaults.go), also inside the
 * templates of workloads.
 */
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';

export function setPodDefaults(pod: JsonObject): void {
  const spec = (pod['spec'] ??= {});
  if (isObject(spec)) setPodSpecDefaults(spec);
}

/** For the `spec.template` of workloads. */
export function setTemplateDefaults(workload: JsonObject): void {
  const { spec } = workload;
  if (!isObject(spec)) return;
  const { template } = spec;
  if (isObject(template)) setPodDefaults(template);
}

export function setPodSpecDefaults(spec: JsonObject): void {
  spec['restartPolicy'] ??= 'Always';
  spec['dnsPolicy'] ??= 'ClusterFirst';
  spec['schedulerName'] ??= 'default-scheduler';
  spec['terminationGracePeriodSeconds'] ??= 30;
  spec['securityContext'] ??= {};
  if (spec['serviceAccountName'] !== undefined) spec['serviceAccount'] = spec['serviceAccountName'];
  const isHostNetwork = spec['hostNetwork'] === true;
  for (const container of items(spec, 'initContainers'))
    setContainerDefaults(container, isHostNetwork);
  for (const container of items(spec, 'containers')) setContainerDefaults(container, isHostNetwork);
  for (const volume of items(spec, 'volumes')) setVolumeDefaults(volume);
}

function setContainerDefaults(container: JsonObject, isHostNetwork: boolean): void {
  container['imagePullPolicy'] ??= pullPolicyOf(container['image']);
  container['resources'] ??= {};
  container['terminationMessagePath'] ??= '/dev/termination-log';
  container['terminationMessagePolicy'] ??= 'File';
  for (const port of items(container, 'ports')) {
    port['protocol'] ??= 'TCP';
    if (isHostNetwork && port['containerPort'] !== undefined)
      port['hostPort'] ??= port['containerPort'];
  }
  for (const variable of items(container, 'env')) setVariableDefaults(variable);
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = container[kind];
    if (isObject(probe)) setProbeDefaults(probe);
  }
  setRequestDefaults(container['resources']);
}

/** `Always` for `:latest`, which is also what an image without a tag means. */
function pullPolicyOf(image: unknown): string {
  if (typeof image !== 'string' || image.includes('@')) return 'IfNotPresent';
  const tag = /:([^:/]+)$/.exec(image)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** A container asks for as much as it is limited to. */
function setRequestDefaults(resources: unknown): void {
  if (!isObject(resources) || !isObject(resources['limits'])) return;
  const requests = isObject(resources['requests']) ? resources['requests'] : {};
  resources['requests'] = { ...resources['limits'], ...requests };
}

function setVariableDefaults(variable: JsonObject): void {
  const source = variable['valueFrom'];
  if (isObject(source) && isObject(source['fieldRef'])) source['fieldRef']['apiVersion'] ??= 'v1';
}

function setProbeDefaults(probe: JsonObject): void {
  probe['timeoutSeconds'] ??= 1;
  probe['periodSeconds'] ??= 10;
  probe['successThreshold'] ??= 1;
  probe['failureThreshold'] ??= 3;
  if (isObject(probe['httpGet'])) {
    probe['httpGet']['path'] ??= '/';
    probe['httpGet']['scheme'] ??= 'HTTP';
  }
}

const defaultMode = 0o644;

function setVolumeDefaults(volume: JsonObject): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume['emptyDir'] = {};
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const found = volume[source];
    if (isObject(found)) found['defaultMode'] ??= defaultMode;
  }
  if (isObject(volume['hostPath'])) volume['hostPath']['type'] ??= '';
}

function items(owner: JsonObject, list: string): JsonObject[] {
  const found = owner[list];
  return Array.isArray(found) ? found.filter((item) => isObject(item)) : [];
}
