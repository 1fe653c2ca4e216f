import type { ExecutionContext } from 'ava';
import type { ApiServerOptions } from '#local/apiserver/server.ts';
import { ApiServer } from '#local/apiserver/server.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';

/** Starts an API server on a free port that ends with the test. */
export async function startApiServer(
  t: ExecutionContext,
  options: Partial<ApiServerOptions> = {},
): Promise<{ server: ApiServer; url: string }> {
  const server = new ApiServer({ clock: realClock, log: silentLogger, ...options });
  const url = await server.listen();
  t.teardown(() => server.close());
  return { server, url };
}
