import { inspect } from 'node:util';

/** The message of an error; something readable of anything else that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return typeof error === 'string' ? error : inspect(error);
}

/** The message, followed by those of its causes that say something new. */
export function describeError(error: unknown): string {
  let text = messageOf(error);
  for (const cause of causesOf(error)) {
    const message = messageOf(cause);
    if (!text.includes(message)) text += `: ${message}`;
  }
  return text;
}

function causesOf(error: unknown): Set<unknown> {
  const causes = new Set<unknown>();
  for (let at = error; at instanceof Error && at.cause !== undefined && !causes.has(at.cause);) {
    causes.add(at.cause);
    at = at.cause;
  }
  return causes;
}
