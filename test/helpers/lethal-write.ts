import type { ClusterServer } from '#local/cluster.ts';

/**
 * The life of a process that is killed the moment the n-th write of its clients has been stored, before
 * it hears of that. For a process that makes clients of its own; with one client see MortalClient.
 *
 * @param userAgents of its clients
 */
export function lifeUntilWrite(
  server: ClusterServer,
  userAgents: readonly string[],
  lethalWrite: number,
): AbortController {
  const life = new AbortController();
  let writes = 0;
  server.onRequest(({ verb, code, userAgent }) => {
    const isStored = code >= 200 && code < 300;
    if (!userAgents.includes(userAgent) || !isStored || reads.includes(verb)) return;
    writes += 1;
    if (writes === lethalWrite) life.abort(new Error('killed'));
  });
  return life;
}

const reads = ['get', 'list', 'watch'];
