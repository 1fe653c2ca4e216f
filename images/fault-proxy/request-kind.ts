/**
 * What a request of a kubelet is about, as far as faults care:
 * `registration` creates the Node · `status` patches it · `heartbeat` writes the lease · `pod` tells how a
 * Pod is, or that it is gone · `watch` is answered for minutes.
 */
export type RequestKind = 'registration' | 'status' | 'heartbeat' | 'pod' | 'watch' | 'other';

const patterns: readonly [RequestKind, method: RegExp, path: RegExp][] = [
  ['registration', /^POST$/, /^\/api\/v1\/nodes$/],
  ['status', /^PATCH$/, /^\/api\/v1\/nodes\/(?<node>[^/]+)\/status$/],
  [
    'heartbeat',
    /^(PUT|POST)$/,
    /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/kube-node-lease\/leases(\/[^/]+)?$/,
  ],
  ['pod', /^(PATCH|PUT)$/, /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/status$/],
  ['pod', /^DELETE$/, /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+$/],
];

/**
 * @param target path and query
 * @param nodeName whose kubelet asks: what it says of other Nodes is not looked at
 */
export function requestKind(method: string, target: string, nodeName: string): RequestKind {
  const [path = '', query] = target.split('?', 2); // URL refuses what an API server only does not find
  if (method === 'GET') {
    const watch = new URLSearchParams(query).get('watch') ?? '';
    return ['true', '1'].includes(watch) ? 'watch' : 'other';
  }
  for (const [kind, methods, paths] of patterns) {
    const match = methods.test(method) ? paths.exec(path) : null;
    if (match !== null) return (match.groups?.['node'] ?? nodeName) === nodeName ? kind : 'other';
  }
  return 'other';
}

/**
 * Whose request it is, where many kubelets share a proxy: each has a server URL of its own,
 * `http://127.0.0.1:PORT/node/NAME`. `undefined`: the URL names no node.
 */
export function splitTarget(target: string): { nodeName: string | undefined; target: string } {
  const { name, rest } = /^\/node\/(?<name>[^/?]+)(?<rest>\/.*)$/.exec(target)?.groups ?? {};
  return { nodeName: name, target: rest ?? target };
}
