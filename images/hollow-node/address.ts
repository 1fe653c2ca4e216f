import type { NetworkInterfaceInfo } from 'node:os';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * What a node in a process of its own reports as its InternalIP: `POD_IP` when the Pod passes it,
 * else the first IPv4 address of the machine that others can reach.
 */
export function nodeAddress(env: NodeJS.ProcessEnv, interfaces: Interfaces): string {
  const external = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return env['POD_IP'] || external?.address || '127.0.0.1';
}
