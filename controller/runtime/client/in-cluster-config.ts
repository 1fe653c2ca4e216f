import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { ClusterConfig } from './cluster-config.ts';

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The configuration every Pod with a service account has; `undefined` outside a cluster.
 *
 * Written by hand although `@kubernetes/client-node` has it: that package costs 90 MB, more than the
 * rest of a hollow node, and keeps the token for a minute after it was rotated.
 */
export async function inClusterConfig({
  env = process.env,
  folder = serviceAccountFolder,
}: { env?: NodeJS.ProcessEnv; folder?: string } = {}): Promise<ClusterConfig | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) return undefined;
  const read = async (name: string): Promise<string> =>
    (await readFile(join(folder, name), 'utf8')).trim();
  if (!existsSync(join(folder, 'token'))) return undefined;
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    namespace: await read('namespace').catch(() => 'default'),
    credentials: async () => ({
      headers: { authorization: `Bearer ${await read('token')}` },
      tls: { ca: await read('ca.crt') },
    }),
  };
}
