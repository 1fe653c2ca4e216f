import { request } from 'node:https';
import type { Access } from './credentials.ts';

/** The body of the API server's answer to GET, or undefined unless that is 200. */
export async function answerOf(
  { url, token, authority }: Access,
  path: string,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const asked = request(new URL(path, url), {
    ca: authority,
    headers: { authorization: `Bearer ${token}` },
    agent: false,
    timeout: 5_000,
  });
  asked.once('response', (response) => {
    let body = '';
    response.on('data', (chunk: Buffer) => (body += chunk.toString()));
    response.once('end', () => resolve(response.statusCode === 200 ? body : undefined));
    response.once('error', () => resolve(undefined));
  });
  asked.once('timeout', () => asked.destroy());
  asked.once('error', () => resolve(undefined)); // not yet
  asked.end();
  return promise;
}
