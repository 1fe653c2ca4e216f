import { isObject, type JsonObject } from '#api/json.ts';
import type { MachineSpec } from '#api/machine/v1beta1/machine.ts';

/** Far deeper than any configuration. */
const deepestConfiguration = 32;

/**
 * An API server takes JSON of 10,000 levels, on which everything that recurses would run out of stack,
 * so that such a machine could not even be deleted. What is cut off only ends up in an error message.
 */
export function withShallowConfiguration(spec: MachineSpec): MachineSpec {
  const { value } = spec.providerSpec ?? {};
  if (value === undefined) return spec;
  return { ...spec, providerSpec: { value: shallow(value, deepestConfiguration) } };
}

function shallow(value: JsonObject, levels: number): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, shallowValue(field, levels - 1)]),
  );
}

function shallowValue(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => shallowValue(item, levels - 1));
  return isObject(value) ? shallow(value, levels) : value;
}
