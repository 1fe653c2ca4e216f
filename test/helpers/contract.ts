/**
 * What Cluster API's core reads of infrastructure, by either contract, as strictly as it does (rules of
 * the contracts "InfraMachine" and "InfraCluster"; getters of `util/conditions` and `internal/contract`).
 */
import { isObject, type JsonObject } from '#api/json.ts';
import type { KubernetesObject } from '#api/meta.ts';

export const contracts = ['v1beta1', 'v1beta2'] as const;
export type Contract = (typeof contracts)[number];

/** What core takes over from an InfraMachine. */
export interface Reading {
  provisioned: boolean;
  providerID: string | undefined;
  addresses: readonly { type: string; address: string }[];
  failureDomain: string | undefined;
  /** Nothing of the kind in contract v1beta2. */
  terminalFailure: { reason: string; message: string } | undefined;
  /** By type. */
  conditions: ReadonlyMap<string, ReadCondition>;
}

export interface ReadCondition {
  status: string;
  reason: string;
  message: string;
}

/** @throws Error where core would panic, or take the object for broken */
export function readInfrastructure(contract: Contract, object: KubernetesObject): Reading {
  const { spec = {}, status = {} } = parts(object);
  const initialization = part(status, 'initialization');
  const provisioned = contract === 'v1beta1' ? status['ready'] : initialization['provisioned'];
  const failureDomain =
    (contract === 'v1beta1' ? undefined : status['failureDomain']) ?? spec['failureDomain'];
  return {
    provisioned: provisioned === undefined ? false : boolean('provisioned', provisioned),
    providerID: optionalText('spec.providerID', spec['providerID'], 512),
    addresses: list('status.addresses', status['addresses']).map(addressOf),
    failureDomain: optionalText('failureDomain', failureDomain, 256),
    terminalFailure: contract === 'v1beta1' ? terminalFailureOf(status) : undefined,
    conditions: conditionsOf(list('status.conditions', status['conditions'])),
  };
}

const addressTypes = ['Hostname', 'ExternalIP', 'InternalIP', 'ExternalDNS', 'InternalDNS'];

function addressOf(item: JsonObject): { type: string; address: string } {
  const type = text('status.addresses[].type', item['type'], 256);
  if (!addressTypes.includes(type)) throw new Error(`${type} is not a type of address`);
  return { type, address: text('status.addresses[].address', item['address'], 256) };
}

function terminalFailureOf(status: JsonObject): Reading['terminalFailure'] {
  const reason = optionalText('status.failureReason', status['failureReason'], 256);
  const message = optionalText('status.failureMessage', status['failureMessage'], 32_768);
  return reason === undefined || message === undefined ? undefined : { reason, message };
}

const states = ['True', 'False', 'Unknown'];
const reasonPattern = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const mostConditions = 32;

/** As `metav1.Condition` is validated; what is left of it is what contract v1beta1 reads. */
function conditionsOf(items: readonly JsonObject[]): Map<string, ReadCondition> {
  if (items.length > mostConditions) throw new Error('too many conditions');
  const conditions = new Map<string, ReadCondition>();
  for (const item of items) {
    const type = text('condition.type', item['type'], 316);
    const status = text(`${type}.status`, item['status'], 7);
    const reason = text(`${type}.reason`, item['reason'], 1_024);
    const message = text(`${type}.message`, item['message'], 32_768);
    const since = text(`${type}.lastTransitionTime`, item['lastTransitionTime'], 64);
    const { observedGeneration: generation = 0 } = item;
    if (conditions.has(type)) throw new Error(`two conditions ${type}`);
    if (!states.includes(status)) throw new Error(`${type}.status: ${status}`);
    if (!reasonPattern.test(reason)) throw new Error(`${type}.reason: ${reason}`);
    if (Number.isNaN(Date.parse(since))) throw new Error(`${type}.lastTransitionTime: ${since}`);
    if (!Number.isInteger(generation)) throw new Error(`${type}.observedGeneration: no integer`);
    conditions.set(type, { status, reason, message });
  }
  return conditions;
}

function parts(object: KubernetesObject): { spec?: JsonObject; status?: JsonObject } {
  const root: JsonObject = { ...object };
  return { spec: part(root, 'spec'), status: part(root, 'status') };
}

function part(object: JsonObject, name: string): JsonObject {
  const value = object[name] ?? {};
  if (isObject(value)) return value;
  throw new Error(`${name} is no object`);
}

function list(what: string, value: unknown = []): JsonObject[] {
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw new Error(`${what} is no list of objects`);
}

function boolean(what: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error(`${what} is no boolean`);
}

function optionalText(what: string, value: unknown, longest: number): string | undefined {
  return value === undefined ? undefined : text(what, value, longest);
}

function text(what: string, value: unknown, longest: number): string {
  if (typeof value === 'string' && value !== '' && value.length <= longest) return value;
  throw new Error(`${what} is no text of 1 to ${longest} characters: ${JSON.stringify(value)}`);
}
