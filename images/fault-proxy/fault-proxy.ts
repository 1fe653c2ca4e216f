import type { Fault } from '#api/faults/decode.ts';
import { whenAborted } from '#runtime/abort.ts';
import type { ClusterConfig } from '#runtime/client/cluster-config.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import type { Exchange } from './exchange.ts';
import { ProxiedNode } from './node.ts';
import { splitTarget } from './request-kind.ts';
import { startServer, type ProxyServer, type ServerOptions } from './server.ts';
import { Upstream } from './upstream.ts';

export interface FaultProxyOptions extends Pick<ServerOptions, 'host' | 'port' | 'tls'> {
  /** The kubelet whose requests name no node in their URL; absent: each must. */
  nodeName?: string;
  /** @param nodeName decides about jitter */
  faultsOf: (nodeName: string) => readonly Fault[];
  config: ClusterConfig;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  random?: () => number;
}

export interface FaultProxy {
  /** Of the node without a name in its URL. */
  readonly url: string;
  /** The server URL for a kubelet of that name. */
  urlOf(nodeName: string): string;
  /** A node that has asked for something already, or the one there is. */
  node(nodeName: string): ProxiedNode | undefined;
  /** Ends with `signal`. */
  readonly ended: Promise<void>;
}

/** Stands between kubelets and their API server until `signal` aborts. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { nodeName, faultsOf, config, clock, log, signal, random = Math.random } = options;
  const upstream = new Upstream(config, clock);
  const client = new KubeClient({ config, clock, userAgent: 'fault-proxy' });
  const nodes = new Map<string, ProxiedNode>();
  const running = new Set<Promise<void>>();

  /** Its schedule begins with the first request, or now for the only one. */
  const start = (name: string): ProxiedNode => {
    const origin = clock.monotonic();
    const faults = faultsOf(name);
    const node = new ProxiedNode({ name, faults, origin, upstream, client, clock, log, random });
    nodes.set(name, node);
    running.add(node.run(signal));
    return node;
  };

  const serve = async (exchange: Exchange, url: string): Promise<void> => {
    const { nodeName: name = nodeName, target } = splitTarget(url);
    if (name !== undefined) return (nodes.get(name) ?? start(name)).serve(exchange, target);
    const body = Buffer.from('want http://…/node/NAME/… as the URL of the server\n');
    exchange.answer({ statusCode: 404, headers: { 'content-type': 'text/plain' }, body });
  };

  const server: ProxyServer = await startServer({ ...options, serve });
  if (nodeName !== undefined) start(nodeName);
  const end = async (): Promise<void> => {
    await whenAborted(signal);
    await server[Symbol.asyncDispose]();
    await Promise.all(running);
    await Promise.all([client.close(), upstream.close()]);
  };
  return {
    url: server.url,
    urlOf: (name) => `${server.url}/node/${name}`,
    node: (name) => nodes.get(name),
    ended: end(),
  };
}
