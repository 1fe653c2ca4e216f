import { pods } from '#api/core.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { podNamespace } from '#local/cluster.ts';
import { follow } from '../follow.ts';
import { opened } from '../opened.ts';
import type { Run } from '../run.ts';
import type { Server } from '../servers/server.ts';

/** What is known of all Machines, as the watches of the benchmark show it. */
export interface MachineWatch extends AsyncDisposable {
  /** With a provider ID. */
  readonly identified: ReadonlySet<string>;
  /** Whose Pod runs, says their status, and whose Node is known. */
  readonly settled: ReadonlySet<string>;
  readonly existing: ReadonlySet<string>;
  readonly pods: ReadonlySet<string>;
}

export function watchMachines(run: Run, { client }: Server): Promise<MachineWatch> {
  return opened(async (stack) => {
    const seen = {
      identified: new Set<string>(),
      settled: new Set<string>(),
      existing: new Set<string>(),
      pods: new Set<string>(),
    };
    stack.use(
      await follow(run, { client, kind: machines }, ({ type, object }) => {
        const { name = '' } = object.metadata;
        for (const names of [seen.identified, seen.settled, seen.existing]) names.delete(name);
        if (type === 'deleted') return;
        seen.existing.add(name);
        if (object.spec?.providerID !== undefined) seen.identified.add(name);
        if (isSettled(object)) seen.settled.add(name);
      }),
    );
    stack.use(
      await follow(run, { client, kind: pods, namespace: podNamespace }, ({ type, object }) => {
        const { name = '' } = object.metadata;
        if (type === 'deleted') seen.pods.delete(name);
        else seen.pods.add(name);
      }),
    );
    return seen;
  });
}

function isSettled({ status }: Machine): boolean {
  const instanceState = status?.providerStatus?.['instanceState'];
  return status?.phase === 'Running' && instanceState === 'Running';
}
