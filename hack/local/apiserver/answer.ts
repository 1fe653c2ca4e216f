import type { ServerResponse } from 'node:http';
import type { FailureObject } from './status.ts';

/** What a handler decided; sending it is the server's part, so that a fault may lose it. */
export type Answer = TextAnswer | StreamAnswer;

export interface TextAnswer {
  kind: 'text';
  code: number;
  contentType: string;
  text: string | Buffer;
  headers?: Headers;
}

export interface StreamAnswer {
  kind: 'stream';
  start(response: ServerResponse): void;
}

export type Headers = Record<string, string | string[]>;

export function json(code: number, value: string | object, warnings: string[] = []): TextAnswer {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const headers =
    warnings.length === 0
      ? {}
      : { warning: warnings.map((warning) => `299 - ${JSON.stringify(warning)}`) };
  return { kind: 'text', code, contentType: 'application/json', text, headers };
}

export function plain(code: number, text: string): Answer {
  return { kind: 'text', code, contentType: 'text/plain; charset=utf-8', text };
}

/** For paths that the server does not know at all. */
export const pageNotFound = plain(404, '404 page not found\n');

export function fromStatus(status: FailureObject): Answer {
  const answer = json(status.code, status);
  const seconds = status.details?.retryAfterSeconds;
  if (seconds === undefined) return answer;
  return { ...answer, headers: { 'retry-after': String(seconds) } };
}

export function send(response: ServerResponse, answer: Answer): void {
  if (answer.kind === 'stream') {
    answer.start(response);
    return;
  }
  const body = Buffer.from(answer.text);
  response.writeHead(answer.code, {
    ...answer.headers,
    'content-type': answer.contentType,
    'content-length': body.length,
  });
  response.end(body);
}
