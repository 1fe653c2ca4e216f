import type { ObjectKey } from './client/client.ts';
import type { Logger } from './log.ts';

export interface Context {
  /** Aborts when the manager must stop writing. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface Result {
  /** Milliseconds until the key is reconciled again; absent: when a watch brings it back. */
  requeueAfter?: number;
}

export const done: Result = Object.freeze({});

/**
 * Brings the world closer to what one object asks for.
 *
 * Receives a key, never an event: it may run twice, late, or after a restart. Three things can
 * leave it: a `Result`; a `TerminalError` (no retry until the object changes); any other error,
 * which the controller logs once and retries with backoff.
 */
export interface Reconciler {
  reconcile(context: Context, key: ObjectKey): Promise<Result>;
}

/** A human must change something: retrying will not help. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}
