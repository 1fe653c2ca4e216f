/**
 * What goes wrong with a hollow node, and when. Times are milliseconds counted from the start of the
 * node (the origin), never from the previous change, so they do not drift.
 */
export interface FaultTimes {
  /** Onset, from the origin. */
  readonly after: number;
  /** How long it lasts; absent: for ever. */
  readonly duration?: number;
  /** From one onset to the next; absent: it happens once. */
  readonly period?: number;
}

export type Fault = FaultTimes &
  (
    | {
        /** Ready=False, the lease is renewed, Pods neither start nor finish. */
        readonly type: 'NotReady';
        /** Shown in the Ready condition. */
        readonly message?: string;
      }
    | {
        /** Nothing is sent and nothing is received. */
        readonly type: 'Unreachable';
      }
    | {
        /** A condition of the Node has a bad value; nothing else happens. */
        readonly type: 'Condition';
        readonly condition: FaultCondition;
      }
    | {
        /** The process exits. */
        readonly type: 'Crash';
      }
  );

export interface FaultCondition {
  /** E.g. `MemoryPressure`, or a type that no kubelet knows. */
  readonly type: string;
  /** While the fault is active. Default `True`, but `False` for `Ready`. */
  readonly status?: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

export type FaultType = Fault['type'];

export interface FaultState {
  /** In the order in which they were declared. */
  readonly active: readonly Fault[];
  /** When `active` changes next, in milliseconds from the origin; `Infinity`: never. */
  readonly nextChange: number;
}

/** What is wrong `elapsed` milliseconds after the origin. */
export function stateAt(faults: readonly Fault[], elapsed: number): FaultState {
  let nextChange = Number.POSITIVE_INFINITY;
  const active = faults.filter((fault) => {
    const phase = phaseAt(fault, elapsed);
    nextChange = Math.min(nextChange, phase.until);
    return phase.active;
  });
  return { active, nextChange };
}

export function hasFault(state: FaultState, type: FaultType): boolean {
  return state.active.some((fault) => fault.type === type);
}

interface Phase {
  active: boolean;
  /** Always later than the time that was asked about. */
  until: number;
}

function phaseAt({ after, duration, period }: FaultTimes, elapsed: number): Phase {
  const forEver = Number.POSITIVE_INFINITY;
  if (duration !== undefined && duration <= 0) return { active: false, until: forEver };
  if (elapsed < after) return { active: false, until: after };
  // Onsets that come before the end of the previous fault leave no healthy time between them.
  if (duration === undefined || (period !== undefined && period <= duration)) {
    return { active: true, until: forEver };
  }
  const [onset, next] = period === undefined ? [after, forEver] : onsets(after, period, elapsed);
  if (elapsed < onset + duration) return { active: true, until: onset + duration };
  return { active: false, until: next };
}

/** The last onset and the next, always multiples from the origin: sums of sums would drift. */
function onsets(after: number, period: number, elapsed: number): [last: number, next: number] {
  const onset = (index: number): number => after + index * period;
  const count = Math.floor((elapsed - after) / period);
  const rounded = onset(count + 1) <= elapsed ? count + 1 : count; // the division may round down
  return [onset(rounded), onset(rounded + 1)];
}
