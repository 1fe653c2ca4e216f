import { fileURLToPath } from 'node:url';
import type { Run } from '../run.ts';
import type { Server } from '../servers/server.ts';
import { Child } from './child.ts';

/** The node whose kubelet runs hollow-node Pods, in a process of its own. */
export function startHostNode(run: Run, { kubeconfig }: Server): Promise<Child> {
  const program = fileURLToPath(import.meta.resolve('../programs/host-node.ts'));
  const args = ['--max-semi-space-size=4', program, kubeconfig];
  return Child.start(run, { name: 'host-node', file: process.execPath, args });
}
