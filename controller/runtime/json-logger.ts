import { destination as openDestination, pino, type DestinationStream } from 'pino';
import { ApiError } from './client/errors.ts';
import type { Clock } from './clock.ts';
import { realClock } from './clock.ts';
import { describeError } from './error-text.ts';
import type { Logger, LogValues } from './log.ts';
import { TerminalError } from './reconcile.ts';

export interface LoggerOptions {
  /** As `--v`: 4 and above shows debug lines. */
  verbosity?: number;
  /** Default: standard error, written at once. */
  destination?: DestinationStream;
  clock?: Clock;
}

const debugVerbosity = 4;

/** One JSON object per line: `level`, `ts` (RFC 3339), the values, `msg`. */
export function createLogger({
  verbosity = 0,
  destination = openDestination({ dest: 2, sync: true }),
  clock = realClock,
}: LoggerOptions = {}): Logger {
  const root = pino(
    {
      level: verbosity >= debugVerbosity ? 'debug' : 'info',
      base: null,
      timestamp: () => `,"ts":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    destination,
  );
  return wrap(root);
}

function wrap(sink: pino.Logger): Logger {
  return {
    debug: (message, values = {}) => sink.debug(values, message),
    info: (message, values = {}) => sink.info(values, message),
    error: (message, error, values = {}) =>
      sink.error({ ...values, ...errorValues(error) }, message),
    with: (values) => wrap(sink.child(values)),
  };
}

/** Where a refusal of the server or a mistake of a user came about says nothing; what was asked does. */
function errorValues(error: unknown): LogValues {
  if (error instanceof ApiError)
    return { error, request: error.request, reason: error.status.reason };
  if (error instanceof TerminalError) return { error };
  return { error, ...(error instanceof Error && { stack: error.stack }) };
}
