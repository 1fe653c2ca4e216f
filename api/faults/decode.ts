import { parseDuration } from '../duration.ts';
import type { FaultConditionSpec, FaultSpec } from './fault.ts';
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

/** @param nodeName decides about the jitter of faults without a seed */
export function decodeFaults(checked: readonly FaultSpec[], nodeName: string): Fault[] {
  return checked.map((spec, index) => decode(spec, `${nodeName}/${index}`));
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
