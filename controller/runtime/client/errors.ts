/** The part of `meta/v1 Status` that callers act on. */
export interface Status {
  code: number;
  reason: string;
  message: string;
  details?: { name?: string; kind?: string; retryAfterSeconds?: number; causes?: unknown[] };
}

/** The API server said no. `message` is the server's own text; `request` tells what was asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: Status;
  /** Method and path, e.g. `POST /api/v1/namespaces/default/pods`. */
  readonly request: string;

  constructor(request: string, status: Status) {
    super(status.message);
    this.request = request;
    this.status = status;
  }
}

function hasReason(error: unknown, reason: string): boolean {
  return error instanceof ApiError && error.status.reason === reason;
}

export const isNotFound = (error: unknown): boolean => hasReason(error, 'NotFound');
export const isAlreadyExists = (error: unknown): boolean => hasReason(error, 'AlreadyExists');
export const isConflict = (error: unknown): boolean => hasReason(error, 'Conflict');
export const isInvalid = (error: unknown): boolean => hasReason(error, 'Invalid');
export const isForbidden = (error: unknown): boolean => hasReason(error, 'Forbidden');
export const isTooManyRequests = (error: unknown): boolean => hasReason(error, 'TooManyRequests');
/** The resource version asked for is too old: list again. */
export const isGone = (error: unknown): boolean =>
  hasReason(error, 'Expired') || hasReason(error, 'Gone');

/** The answer, or `undefined` when the object does not exist. */
export async function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
