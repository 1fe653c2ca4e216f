import type { Effects } from '#api/faults/effects.ts';
import type { Injections } from './injections.ts';
import type { Kubelet } from './kubelet.ts';
import { NodeGoneError, watchNode } from './own-node.ts';
import { together } from './together.ts';

class ReconnectedError extends Error {}

/** Whether the node may not hear what becomes of its annotation. */
function isDeaf({ isCut, latencies, errors }: Effects): boolean {
  return isCut || latencies.length > 0 || errors.length > 0;
}

/**
 * Sees that an injected fault is taken back although it cuts the node off, fails its requests, or its
 * process is not there: whoever injects is no part of what is broken. Ends when `signal` aborts.
 *
 * @param kubelet with a client that suffers no faults
 */
export async function followWhileDeaf(
  kubelet: Kubelet,
  injections: Injections,
  signal: AbortSignal,
): Promise<void> {
  const { faults } = kubelet;
  for (;;) {
    await faults.until((moment) => isDeaf(moment) && faults.hasInjected, signal);
    await together(signal, [
      async (stop) => {
        await faults.until((moment) => !isDeaf(moment), stop);
        throw new ReconnectedError();
      },
      async (stop) => {
        if (injections.node === undefined) return;
        await watchNode(kubelet, injections.node, (node) => void injections.observe(node), stop);
      },
    ]).catch((error: unknown) => {
      if (!(error instanceof ReconnectedError || error instanceof NodeGoneError)) throw error;
    });
    await faults.until((moment) => !isDeaf(moment), signal);
  }
}
