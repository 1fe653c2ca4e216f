import type { Node } from '#api/core.ts';
import { nodes } from '#api/core.ts';
import type { Client } from '#runtime/client/client.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Taint } from '../objects/kinds.ts';
import { writeFresh } from '../shared/write-fresh.ts';

/**
 * Replaces a node's taints by what `change` makes of them (`undefined`: they stay). The list is
 * written whole, so never over somebody else's change.
 */
export async function updateTaints(
  client: Client,
  cached: Node,
  signal: AbortSignal,
  change: (node: Node) => Taint[] | undefined,
): Promise<void> {
  await writeFresh(client, nodes, cached, signal, async (node) => {
    const taints = change(node);
    if (taints === undefined) return;
    const { resourceVersion } = node.metadata;
    await client.patch(
      nodes,
      keyOf(node),
      { metadata: { resourceVersion }, spec: { taints } },
      { signal },
    );
  });
}
