/**
 * Log lines for operators: a message that starts with a capital and has no full stop, and values
 * under the field's keys (`Machine`, `Node`, `providerID`, `requeueAfter`, `error`, …).
 */
export type LogValues = Readonly<Record<string, unknown>>;

export interface Logger {
  /** Shown with `--v=4` and above. */
  debug(message: string, values?: LogValues): void;
  info(message: string, values?: LogValues): void;
  error(message: string, error: unknown, values?: LogValues): void;
  /** A logger that adds `values` to every line. */
  with(values: LogValues): Logger;
}

export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  error: () => {},
  with: () => silentLogger,
};
