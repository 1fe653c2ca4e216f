/** A cluster (KUBECONFIG), and tests that are one story: each goes on where the one before ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { leases, nodes, type Lease, type Node } from '#api/core.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { loadKubeConfig } from '#runtime/client/kube-config.ts';
import { realClock } from '#runtime/clock.ts';
import { Kubectl } from '#test/real/harness/kubectl.ts';
import { Observation } from '#test/real/harness/observation.ts';

export const kubeconfig = process.env['KUBECONFIG'] ?? '';

/** An unmodified kubemark that the cluster has, or can pull; empty: its part of a story is left out. */
export const kubemarkImage = process.env['E2E_KUBEMARK_IMAGE'] ?? '';

export interface Cluster {
  client: KubeClient;
  kubectl: Kubectl;
  seenNodes: Observation<Node>;
  seenLeases: Observation<Lease>;
}

export interface OpenedCluster extends Cluster {
  /** For files; goes with the story. */
  folder: string;
  close: () => Promise<void>;
}

export async function openCluster(): Promise<OpenedCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'e2e-'));
  const client = new KubeClient({
    config: await loadKubeConfig({ path: kubeconfig }),
    clock: realClock,
    userAgent: 'e2e',
  });
  const seenNodes = new Observation(client, nodes);
  const seenLeases = new Observation(client, leases);
  const stop = new AbortController();
  const watching = Promise.all([seenNodes, seenLeases].map((each) => each.run(stop.signal)));
  const close = async (): Promise<void> => {
    stop.abort();
    await watching;
    await client.close();
    await rm(folder, { recursive: true });
  };
  const kubectl = new Kubectl({ folder, controlPlane: { kubeconfig } });
  return { folder, client, kubectl, seenNodes, seenLeases, close };
}

type Body = (t: ExecutionContext) => Promise<void>;

export interface Story {
  /** A test that does not run when the one before it has failed. */
  step: (title: string, body: Body) => void;
  /** The same, of a real kubemark. */
  kubemarkStep: (title: string, body: Body) => void;
}

/**
 * @param situation what somebody wants to see who cannot look into the cluster any more
 * @param whyNot the story is left out for this reason
 */
export function tell(situation: () => Promise<string>, whyNot?: string): Story {
  let hasFailed = false;
  const step = (title: string, body: Body): void => {
    if (whyNot !== undefined) return skip(title, whyNot);
    test.serial(title, async (t) => {
      t.false(hasFailed, 'something before this has failed');
      if (hasFailed) return;
      hasFailed = true;
      try {
        await body(t);
      } catch (error) {
        t.log(await situation());
        throw error;
      }
      hasFailed = !t.passed;
    });
  };
  const kubemarkStep = (title: string, body: Body): void => {
    if (kubemarkImage !== '') step(title, body);
    else skip(title, 'E2E_KUBEMARK_IMAGE names no image of kubemark');
  };
  return { step, kubemarkStep };
}

function skip(title: string, reason: string): void {
  test.serial.skip(`${title} (${reason})`, () => {});
}
