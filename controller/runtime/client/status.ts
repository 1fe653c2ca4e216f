import { ApiError, type Status } from './errors.ts';

/** Reasons by HTTP code, for answers of proxies, which know no `Status` (as client-go maps them). */
const reasonByCode: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

const longestQuote = 200;

/** Turns the body of an answer that is not 2xx into an error, whoever wrote it. */
export function toApiError(request: string, code: number, body: string): ApiError {
  const status = parseStatus(body);
  if (status !== undefined) return statusError(request, { ...status, code: status.code ?? code });
  const quote = body.trim().slice(0, longestQuote);
  const message = `the server answered ${code}${quote === '' ? '' : `: ${quote}`}`;
  return statusError(request, { code, message });
}

/** An error from a `Status` that may lack fields. */
export function statusError(request: string, status: Partial<Status>): ApiError {
  const code = status.code ?? 500;
  const reason = status.reason || reasonByCode[code] || 'Unknown';
  const message = status.message || `the server answered ${code} ${reason}`;
  return new ApiError(request, {
    code,
    reason,
    message,
    ...(status.details && { details: status.details }),
  });
}

function parseStatus(body: string): Partial<Status> | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const parsed: Partial<Status> & { kind?: string } = JSON.parse(body);
    return parsed.kind === 'Status' ? parsed : undefined;
  } catch {
    return undefined; // cut off or not JSON after all: quoted as text
  }
}
