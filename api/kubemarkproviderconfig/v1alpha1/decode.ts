import { ConfigurationError } from '../../configuration-error.ts';
import { checkFaults } from '../../faults/check.ts';
import type { FaultSpec } from '../../faults/fault.ts';
import { parseDuration } from '../../duration.ts';
import { isObject } from '../../json.ts';
import { parseQuantity, quantityValue } from '../../quantity.ts';
import { quote } from '../../quote.ts';
import { Checker, found } from '../../schema/check.ts';
import { providerConfigSchema, providerConfigVersions, type Taint } from './provider-config.ts';

/** When a hollow node reports NotReady. Times in milliseconds from its start. */
export type Unhealthiness =
  | { type: 'Never' }
  | { type: 'After'; healthy: number }
  | { type: 'Periodically'; healthy: number; unhealthy: number };

/** A `KubemarkMachineProviderConfig` that was understood: defaults filled in, units resolved. */
export interface ProviderConfig {
  image?: string;
  runtime: 'Kubemark' | 'HollowNode';
  faultInjector: 'KubemarkFlags' | 'Proxy';
  unhealthiness: Unhealthiness;
  /** Besides the unhealthiness; they fit together. */
  faults: FaultSpec[];
  numCores?: number;
  /** Bytes. */
  memoryCapacity?: bigint;
  /** Quantities as written. */
  extendedResources: Record<string, string>;
  nodeLabels: Record<string, string>;
  registerWithTaints: Taint[];
  instanceLossPolicy: 'Recreate' | 'Fail';
}

export interface Decoded {
  config: ProviderConfig;
  /** What was ignored, for a Warning event each. */
  warnings: string[];
}

export interface DecodeOptions {
  /** Where the value was found, for messages: `spec.providerSpec.value`. */
  path: string;
  /** The image of a machine that names none, with the runtime `HollowNode`. */
  defaultImage?: string;
}

const checker = new Checker(providerConfigSchema);

/** Messages go into a status and an event: a few errors are enough to start with. */
const shownErrors = 3;

/**
 * Decodes the value of a provider spec; the rules are those of docs/api/provider-config.md.
 *
 * @throws ConfigurationError
 */
export function decodeProviderConfig(written: unknown, options: DecodeOptions): Decoded {
  const { path, defaultImage } = options;
  const value = withoutNulls(written);
  if (value === undefined || value === null) {
    throw new ConfigurationError(`${path}: nothing found (want a KubemarkMachineProviderConfig)`);
  }
  if (!checker.is(value)) {
    const errors = checker.errors(value).map((error) => fieldAt(path, error));
    const more = errors.length - shownErrors;
    if (more > 0) errors.splice(shownErrors, more, `and ${more} more`);
    throw new ConfigurationError(errors.join('; '));
  }

  const { faults = [] } = value;
  checkFaults(faults, `${path}.faults`);
  const config: ProviderConfig = {
    runtime: value.runtime ?? 'Kubemark',
    faultInjector: value.faultInjector ?? 'KubemarkFlags',
    unhealthiness: unhealthiness(path, value),
    faults,
    extendedResources: resources(path, value.extendedResources ?? {}),
    nodeLabels: value.nodeLabels ?? {},
    registerWithTaints: taints(path, value.registerWithTaints ?? []),
    instanceLossPolicy: value.instanceLossPolicy ?? 'Recreate',
    ...(value.numCores !== undefined && { numCores: value.numCores }),
    ...(value.memoryCapacity !== undefined && {
      memoryCapacity: bytes(path, value.memoryCapacity),
    }),
    ...(value.image !== undefined && { image: value.image }),
  };
  if (config.image === undefined) {
    if (defaultImage === undefined) {
      throw new ConfigurationError(
        `${path}.image: nothing found (want an image reference; the manager has no --hollow-node-image to fall back to)`,
      );
    }
    config.image = defaultImage;
    config.runtime = 'HollowNode';
  }
  checkInjector(path, config);
  return { config, warnings: warningsFor(path, value) };
}

/**
 * Milliseconds that Pod and Node outlive the deletion of their Machine; 0 when the field is absent
 * or wrong. Reads nothing else: a machine with a broken configuration must still go away.
 */
export function decodeDeletionTimeout(value: unknown): number {
  const deletionTimeout = isObject(value) ? value['deletionTimeout'] : undefined;
  const isUsable = checker.errors({ ...smallest, deletionTimeout }).length === 0;
  return isUsable && typeof deletionTimeout === 'string' ? parseDuration(deletionTimeout) : 0;
}

const smallest = { apiVersion: providerConfigVersions[0], kind: 'KubemarkMachineProviderConfig' };

/**
 * `turnUnhealthyAfter` takes its delay from `healthyDuration` (as the original's code did) and, if
 * that is absent or 0, from `unhealthyDuration` (as the original's README said).
 */
function unhealthiness(path: string, value: Durations): Unhealthiness {
  const healthy = milliseconds(value.healthyDuration);
  const unhealthy = milliseconds(value.unhealthyDuration);
  if (value.turnUnhealthyAfter === true) {
    const delay = healthy > 0 ? healthy : unhealthy;
    if (delay > 0) return { type: 'After', healthy: delay };
    throw new ConfigurationError(
      `${path}.healthyDuration: ${found(value.healthyDuration)} with turnUnhealthyAfter (want how long the node stays Ready, e.g. "40s")`,
    );
  }
  if (value.turnUnhealthyPeriodically === true) {
    const errors = (['healthyDuration', 'unhealthyDuration'] as const)
      .filter((name) => milliseconds(value[name]) <= 0)
      .map(
        (name) =>
          `${path}.${name}: ${found(value[name])} with turnUnhealthyPeriodically (want a duration above 0, e.g. "40s")`,
      );
    if (errors.length > 0) throw new ConfigurationError(errors.join('; '));
    return { type: 'Periodically', healthy, unhealthy };
  }
  return { type: 'Never' };
}

function checkInjector(path: string, config: ProviderConfig): void {
  const { runtime, faultInjector } = config;
  if (faultInjector === 'Proxy' && runtime === 'HollowNode') {
    throw new ConfigurationError(
      `${path}.faultInjector: "Proxy" with runtime HollowNode, which fails by itself (want "KubemarkFlags")`,
    );
  }
  if (config.faults.length > 0 && faultInjector === 'KubemarkFlags' && runtime === 'Kubemark') {
    throw new ConfigurationError(
      `${path}.faults: no kubemark knows them (want faultInjector "Proxy", or runtime "HollowNode")`,
    );
  }
}

interface Durations {
  turnUnhealthyAfter?: boolean;
  turnUnhealthyPeriodically?: boolean;
  healthyDuration?: string;
  unhealthyDuration?: string;
}

function warningsFor(path: string, value: Durations & object): string[] {
  const warnings: string[] = [];
  const unknown = Object.keys(value).filter(
    (name) => !Object.hasOwn(providerConfigSchema.properties, name),
  );
  if (unknown.length > 0) {
    const names = unknown.slice(0, 5).map((name) => found(name));
    if (unknown.length > names.length) names.push(`and ${unknown.length - names.length} more`);
    warnings.push(`${path}: unknown fields are ignored: ${names.join(', ')}`);
  }
  if (value.turnUnhealthyAfter === true && value.turnUnhealthyPeriodically === true) {
    warnings.push(
      `${path}: turnUnhealthyAfter and turnUnhealthyPeriodically are both true; turnUnhealthyAfter wins`,
    );
  }
  return warnings;
}

/** Go programs write absent fields of this kind as `null`. */
function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

function milliseconds(duration: string | undefined): number {
  return duration === undefined ? 0 : parseDuration(duration);
}

/** Kubernetes counts bytes in 64 bits. */
const mostBytes = 2n ** 63n - 1n;

function bytes(path: string, memory: number | string): bigint {
  const amount = parseQuantity(String(memory));
  // A part of a byte is a slip: `1m` is no megabyte.
  if (quantityValue(String(memory)) >= 1 && amount <= mostBytes) return amount;
  throw new ConfigurationError(
    `${path}.memoryCapacity: ${found(memory)} is not an amount of memory (want at least 1 byte, less than 8Ei)`,
  );
}

/** Registered by `--no-schedule`. */
const ownTaint = 'kubemark:NoSchedule';

/** No API server takes a Node with two taints of one key and effect: it would never register. */
function taints(path: string, written: Taint[]): Taint[] {
  const known = new Set([ownTaint]);
  for (const [index, { key, effect }] of written.entries()) {
    const taint = `${key}:${effect}`;
    if (known.has(taint)) {
      throw new ConfigurationError(
        `${path}.registerWithTaints[${index}]: ${quote(taint)} is there already (want each key and effect once; every hollow node has ${ownTaint})`,
      );
    }
    known.add(taint);
  }
  return written;
}

/** Devices are counted in whole ones: no API server takes a Node with half of one. */
function resources(path: string, written: Record<string, number | string>): Record<string, string> {
  const entries = Object.entries(written).map(([name, value]) => [name, String(value)] as const);
  for (const [name, value] of entries) {
    if (!name.includes('/') || Number.isInteger(quantityValue(value))) continue;
    throw new ConfigurationError(
      `${path}.extendedResources: ${found(value)} of ${quote(name)} is not a whole number (want e.g. 8)`,
    );
  }
  return Object.fromEntries(entries);
}

function fieldAt(path: string, error: string): string {
  return error.startsWith(':') ? `${path}${error}` : `${path}.${error}`;
}
