import type { Node } from '#api/core.ts';
import { nodes } from '#api/core.ts';
import { Reflector } from '#runtime/cache/reflector.ts';
import { ifFound } from '#runtime/client/errors.ts';
import type { Kubelet } from './kubelet.ts';
import { requestTimeout } from './kubelet.ts';

/** Which Node object is ours: another one of the same name belongs to somebody else. */
export interface NodeIdentity {
  readonly name: string;
  readonly uid: string;
}

/** Our Node was deleted. A kubelet does not register it again while it runs. */
export class NodeGoneError extends Error {
  override readonly name = 'NodeGoneError';
}

/** @throws NodeGoneError */
export async function readNode(
  { client }: Kubelet,
  { name, uid }: NodeIdentity,
  signal: AbortSignal,
): Promise<Node> {
  const key = { namespace: '', name };
  const node = await ifFound(client.get(nodes, key, { signal, timeout: requestTimeout }));
  if (node?.metadata.uid !== uid) throw new NodeGoneError();
  return node;
}

/** Follows our Node until it is gone: rejects with `NodeGoneError` then, or when `signal` aborts. */
export async function watchNode(
  { client, clock, log }: Kubelet,
  { name, uid }: NodeIdentity,
  observe: (node: Node) => void,
  signal: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  const show = (node: Node | undefined): void => {
    if (node?.metadata.uid === uid) observe(node);
    else gone.abort();
  };
  const reflector = new Reflector({
    client,
    clock,
    log,
    kind: nodes,
    fieldSelector: `metadata.name=${name}`,
    sink: {
      replace: ([node]) => show(node),
      apply: (type, node) => show(type === 'DELETED' ? undefined : node),
    },
  });
  await reflector.run(AbortSignal.any([signal, gone.signal]));
  if (gone.signal.aborted) throw new NodeGoneError();
}
