/**
 * What a request of a kubelet is about, as far as faults care:
 * `registration` creates the Node · `status` patches it · `heartbeat` writes the lease · `pod` tells how a
 * Pod is, or that it is gone · `watch` is answered for minutes.
 */
export type RequestKind = 'registration' | 'status' | 'heartbeat' | 'pod' | 'watch' | 'other';

const patterns: readonly [RequestKind, method: RegExp, path: RegExp][] = [
  ['registration', /^POST$/, /^\/api\/v1\/nodes$/],
  ['status', /^PATCH$/, /^\/api\/v1\/nodes\/[^/]+\/status$/],
  [
    'heartbeat',
    /^(PUT|POST)$/,
    /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/kube-node-lease\/leases(\/[^/]+)?$/,
  ],
  ['pod', /^(PATCH|PUT)$/, /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/status$/],
  ['pod', /^DELETE$/, /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+$/],
];

/** @param target path and query */
export function requestKind(method: string, target: string): RequestKind {
  const { pathname, searchParams } = new URL(target, 'http://proxy');
  if (method === 'GET') {
    return ['true', '1'].includes(searchParams.get('watch') ?? '') ? 'watch' : 'other';
  }
  const found = patterns.find(([, methods, paths]) => methods.test(method) && paths.test(pathname));
  return found?.[0] ?? 'other';
}

/**
 * Whose request it is, where many kubelets share a proxy: each has a server URL of its own,
 * `http://127.0.0.1:PORT/node/NAME`. `undefined`: the URL names no node.
 */
export function splitTarget(target: string): { nodeName: string | undefined; target: string } {
  const { name, rest } = /^\/node\/(?<name>[^/?]+)(?<rest>\/.*)$/.exec(target)?.groups ?? {};
  return { nodeName: name, target: rest ?? target };
}
