import type { FaultMoment } from './fault-schedule.ts';
import type { Injections } from './injections.ts';
import type { Kubelet } from './kubelet.ts';
import { NodeGoneError, watchNode } from './own-node.ts';
import { together } from './together.ts';

/**
 * Sees that an injected fault is taken back, or replaced, although it keeps the node from seeing it:
 * whoever injects is no part of the network that is broken, nor of the process that is down.
 *
 * @param kubelet with a client that faults do not hit
 */
export async function followInjections(
  kubelet: Kubelet,
  injections: Injections,
  signal: AbortSignal,
): Promise<void> {
  const { faults } = kubelet;
  for (;;) {
    await faults.until((moment) => isHard(moment) && faults.hasInjected, signal);
    await together(signal, [
      async (stop) => {
        await faults.until((moment) => !isHard(moment), stop);
        throw new HealedError();
      },
      async (stop) => {
        const { name, uid } = injections.node?.metadata ?? {};
        if (name === undefined || uid === undefined) return;
        await watchNode(kubelet, { name, uid }, (node) => void injections.observe(node), stop);
      },
    ]).catch((error: unknown) => {
      if (!(error instanceof HealedError || error instanceof NodeGoneError)) throw error;
    });
    await faults.until((moment) => !isHard(moment), signal);
  }
}

class HealedError extends Error {}

/** Whether the node may be without a watch: it has none, or a new one takes long or fails. */
function isHard({ isCut, errors, latencies }: FaultMoment): boolean {
  return isCut || errors.length > 0 || latencies.length > 0;
}
