import { parseDuration } from '../duration.ts';
import { isObject } from '../json.ts';
import { Checker, found } from '../schema/check.ts';
import {
  faultSchema,
  faultTypes,
  type FaultConditionSpec,
  type FaultSpec,
  type FaultType,
} from './fault.ts';
import { ConfigurationError } from '../configuration-error.ts';
import type { FaultTimes } from './schedule.ts';

/** A fault that was understood: times in milliseconds, defaults filled in. */
export type Fault = FaultTimes &
  (
    | {
        /** Ready=False, the lease is renewed. */
        readonly type: 'NotReady';
        /** Shown in the Ready condition. */
        readonly message?: string;
        /** Pods neither start nor finish. Default true. */
        readonly freezesPods?: boolean;
      }
    | {
        /** `Unreachable`: nothing is sent and nothing is received. `Crash`: the process ends. */
        readonly type: 'Unreachable' | 'Crash' | 'NeverJoin' | 'LateJoin';
      }
    | {
        /** A condition of the Node has a bad value; nothing else happens. */
        readonly type: 'Condition';
        readonly condition: FaultConditionSpec;
      }
    | { readonly type: 'WrongProviderID'; readonly providerID: string }
    | {
        readonly type: 'SlowHeartbeat';
        /** How late each renewal of the lease is. */
        readonly delay: number;
      }
    | {
        readonly type: 'APILatency';
        /** How long a request waits. */
        readonly delay: number;
        readonly percent: number;
      }
    | { readonly type: 'APIErrors'; readonly code: number; readonly percent: number }
  );

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
 * @param nodeName decides about the jitter of faults without a seed
 * @param path where the faults were found, for messages: `spec.faults`
 * @throws ConfigurationError
 */
export function decodeFaults(written: unknown, nodeName: string, path: string): Fault[] {
  if (!Array.isArray(written)) {
    throw new ConfigurationError(`${path}: ${found(written)} is not a list of faults`);
  }
  const errors = written.flatMap((one, index) => errorsIn(one, `${path}[${index}]`));
  if (errors.length > 0) throw new ConfigurationError(errors.join('; '));
  return written
    .filter((one) => checker.is(one))
    .map((spec, index) => decode(spec, `${nodeName}/${index}`));
}

function errorsIn(value: unknown, path: string): string[] {
  if (!isObject(value)) return [`${path}: ${found(value)} is not a fault (want an object)`];
  if (!checker.is(value)) return checker.errors(value).map((error) => `${path}.${error}`);
  const { type, period, duration, jitter } = value;
  const errors: string[] = [];
  for (const name of Object.keys(value)) {
    const types = ownTypes(name);
    if (types === undefined) errors.push(`${path}.${name}: there is no such field`);
    else if (!types.includes(type)) errors.push(`${path}.${name}: not for ${type}`);
  }
  for (const name of requiredFields[type] ?? []) {
    if (value[name] === undefined) errors.push(`${path}.${name}: nothing found (${type} wants it)`);
  }
  if (period !== undefined && duration !== undefined && jitter !== undefined) {
    const room = parseDuration(period) - parseDuration(duration);
    if (parseDuration(jitter) > room) {
      errors.push(`${path}.jitter: ${found(jitter)} is more than period leaves beside duration`);
    }
  }
  return errors;
}

/** The types that have the field; `undefined`: none does. */
function ownTypes(name: string): readonly FaultType[] | undefined {
  if (!Object.hasOwn(faultSchema.properties, name)) return undefined;
  const own = Object.entries(ownFields).find(([field]) => field === name)?.[1];
  return own ?? faultTypes;
}

/** @param ownSeed for a fault without a seed */
function decode(spec: FaultSpec, ownSeed: string): Fault {
  const times = timesOf(spec, ownSeed);
  const { type, percent = 100, code = 500, providerID = '' } = spec;
  const delay = milliseconds(spec.delay) ?? 0;
  switch (type) {
    case 'NotReady': {
      const { message, freezesPods = true } = spec;
      return { type, ...times, freezesPods, ...(message !== undefined && { message }) };
    }
    case 'Condition':
      return { type, ...times, condition: spec.condition ?? { type: 'Ready' } };
    case 'WrongProviderID':
      return { type, ...times, providerID };
    case 'SlowHeartbeat':
      return { type, ...times, delay };
    case 'APILatency':
      return { type, ...times, delay, percent };
    case 'APIErrors':
      return { type, ...times, code, percent };
    case 'Unreachable':
    case 'Crash':
    case 'NeverJoin':
    case 'LateJoin':
      break;
  }
  return { type, ...times };
}

function timesOf(spec: FaultSpec, ownSeed: string): FaultTimes {
  const [duration, period, jitter] = [spec.duration, spec.period, spec.jitter].map(milliseconds);
  return {
    after: milliseconds(spec.after) ?? 0,
    ...(duration !== undefined && { duration }),
    ...(period !== undefined && { period }),
    ...(jitter !== undefined && { jitter, seed: spec.seed?.toString() ?? ownSeed }),
  };
}

function milliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
