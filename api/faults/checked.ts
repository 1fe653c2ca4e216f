import { ConfigurationError } from '../configuration-error.ts';
import { isObject } from '../json.ts';
import { decodeFaults, type Fault } from './decode.ts';
import type { FaultSpec } from './fault.ts';
import { faultTypes } from './fault-types.ts';

/**
 * Faults that somebody has checked, as a manager has before it passes them on to many programs: checking
 * them again would take each of these 14 MB and a quarter of a second.
 *
 * @param json a list of `FaultSpec`; trusted
 * @param nodeName decides about the jitter of faults without a seed
 * @throws ConfigurationError for what is no such list at all
 */
export function readCheckedFaults(json: string, nodeName: string): Fault[] {
  if (json === '') return [];
  const faults: unknown = parsed(json);
  if (Array.isArray(faults) && faults.every(isFault)) return decodeFaults(faults, nodeName);
  throw new ConfigurationError(
    'this is not a list of checked faults (want JSON, e.g. [{"type":"NotReady"}])',
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** As far as it can be told cheaply: enough for whoever mistakes it for the flag of people. */
function isFault(value: unknown): value is FaultSpec {
  return isObject(value) && faultTypes.some((type) => type === value['type']);
}
