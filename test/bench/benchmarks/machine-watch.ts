import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { follow } from '../follow.ts';
import type { Run } from '../run.ts';
import type { Server } from '../servers/server.ts';

/** The names of all Machines, as one watch shows them. */
export interface MachineWatch extends AsyncDisposable {
  readonly existing: ReadonlySet<string>;
  /** With a provider ID, and a Pod that was created. */
  readonly provisioned: ReadonlySet<string>;
  /** Whose Pod runs and whose Node is there. */
  readonly settled: ReadonlySet<string>;
}

export async function watchMachines(run: Run, { client }: Server): Promise<MachineWatch> {
  const existing = new Set<string>();
  const provisioned = new Set<string>();
  const settled = new Set<string>();
  const watch = await follow(run, { client, kind: machines }, ({ type, object }) => {
    const { name = '' } = object.metadata;
    for (const names of [existing, provisioned, settled]) names.delete(name);
    if (type === 'deleted') return;
    existing.add(name);
    if (isProvisioned(object)) provisioned.add(name);
    if (isSettled(object)) settled.add(name);
  });
  const dispose = (): PromiseLike<void> => watch[Symbol.asyncDispose]();
  return { existing, provisioned, settled, [Symbol.asyncDispose]: dispose };
}

function isProvisioned({ spec, status }: Machine): boolean {
  return spec?.providerID !== undefined && status?.providerStatus?.['instanceId'] !== undefined;
}

function isSettled({ status }: Machine): boolean {
  const instanceState = status?.providerStatus?.['instanceState'];
  return status?.phase === 'Running' && instanceState === 'Running';
}
