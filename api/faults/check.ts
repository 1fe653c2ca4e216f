/** Whether faults are as users may write them. Apart, because it takes much memory (`checked.ts`). */
import { ConfigurationError } from '../configuration-error.ts';
import { formatDuration, parseDuration } from '../duration.ts';
import { isObject } from '../json.ts';
import { Checker, found } from '../schema/check.ts';
import { fieldText } from '../schema/field.ts';
import { conditionSchema, faultSchema, type FaultSpec } from './fault.ts';
import { faultTypes, type FaultType } from './fault-types.ts';

const checker = new Checker(faultSchema);

/** Fields that belong to some types only. */
const ownFields: Readonly<Partial<Record<keyof FaultSpec, readonly FaultType[]>>> = {
  message: ['NotReady'],
  freezesPods: ['NotReady'],
  condition: ['Condition'],
  providerID: ['WrongProviderID'],
  delay: ['SlowHeartbeat', 'APILatency'],
  percent: ['APILatency', 'APIErrors'],
  code: ['APIErrors'],
};

/** And without which these make no sense. */
const requiredFields: Readonly<Partial<Record<FaultType, readonly (keyof FaultSpec)[]>>> = {
  Condition: ['condition'],
  LateJoin: ['duration'],
  WrongProviderID: ['providerID'],
  SlowHeartbeat: ['delay'],
  APILatency: ['delay'],
};

/**
 * @param path where the faults were found, for messages: `spec.faults`
 * @throws ConfigurationError
 */
export function checkFaults(written: unknown, path: string): FaultSpec[] {
  if (!Array.isArray(written)) {
    throw new ConfigurationError(`${path}: ${found(written)} is not a list of faults`);
  }
  const errors = written.flatMap((one, index) => errorsIn(one, `${path}[${index}]`));
  if (errors.length > 0) throw new ConfigurationError(errors.join('; '));
  return written.filter((one) => checker.is(one));
}

function errorsIn(value: unknown, path: string): string[] {
  if (!isObject(value)) return [`${path}: ${found(value)} is not a fault (want an object)`];
  if (!checker.is(value)) return checker.errors(value).map((error) => `${path}.${error}`);
  const { type, period, duration, jitter } = value;
  const errors: string[] = [];
  for (const name of Object.keys(value)) {
    const types = ownTypes(name);
    if (types === undefined) errors.push(noField(`${path}.${name}`, fieldsOf(type)));
    else if (!types.includes(type)) {
      errors.push(`${path}.${name}: not for ${type} (want ${types.join(' or ')})`);
    }
  }
  for (const name of Object.keys(value.condition ?? {})) {
    if (Object.hasOwn(conditionSchema.properties, name)) continue;
    errors.push(noField(`${path}.condition.${name}`, Object.keys(conditionSchema.properties)));
  }
  for (const name of requiredFields[type] ?? []) {
    if (value[name] !== undefined) continue;
    const { want = 'a value' } = fieldText(faultSchema.properties[name]) ?? {};
    errors.push(`${path}.${name}: nothing found, and ${type} has no default for it (want ${want})`);
  }
  if (period !== undefined && duration !== undefined && jitter !== undefined) {
    const room = parseDuration(period) - parseDuration(duration);
    if (parseDuration(jitter) > room) {
      const most = formatDuration(Math.max(0, room));
      errors.push(
        `${path}.jitter: ${found(jitter)} is more than period leaves beside duration (want at most ${most})`,
      );
    }
  }
  return errors;
}

function noField(path: string, names: readonly string[]): string {
  return `${path}: there is no such field (want ${names.join(', ')})`;
}

/** The fields that a type has, all of them. */
function fieldsOf(type: FaultType): string[] {
  return Object.keys(faultSchema.properties).filter((name) => ownTypes(name)?.includes(type));
}

/** The types that have the field; `undefined`: none does. */
function ownTypes(name: string): readonly FaultType[] | undefined {
  if (!Object.hasOwn(faultSchema.properties, name)) return undefined;
  const own = Object.entries(ownFields).find(([field]) => field === name)?.[1];
  return own ?? faultTypes;
}
