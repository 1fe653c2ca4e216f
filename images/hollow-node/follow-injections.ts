import type { Injections } from './injections.ts';
import type { Kubelet } from './kubelet.ts';
import { NodeGoneError, watchNode } from './own-node.ts';
import { together } from './together.ts';

class ReconnectedError extends Error {}

/**
 * Sees that an injected fault is taken back although it cuts the node off, or its process is not there:
 * whoever injects is no part of what is broken. Ends when `signal` aborts.
 */
export async function followWhileCut(
  kubelet: Kubelet,
  injections: Injections,
  signal: AbortSignal,
): Promise<void> {
  const { faults } = kubelet;
  for (;;) {
    await faults.until(({ isCut }) => isCut && faults.hasInjected, signal);
    await together(signal, [
      async (stop) => {
        await faults.until(({ isCut }) => !isCut, stop);
        throw new ReconnectedError();
      },
      async (stop) => {
        if (injections.node === undefined) return;
        await watchNode(kubelet, injections.node, (node) => void injections.observe(node), stop);
      },
    ]).catch((error: unknown) => {
      if (!(error instanceof ReconnectedError || error instanceof NodeGoneError)) throw error;
    });
    await faults.until(({ isCut }) => !isCut, signal);
  }
}
