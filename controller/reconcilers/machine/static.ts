import { MachineError } from '#api/machine/v1beta1/machine.ts';
import { done, TerminalError, type Result } from '#runtime/reconcile.ts';
import * as events from './events.ts';
import { record, staticNodeOf, type Deps, type Scope } from './scope.ts';

/**
 * A static machine is a Node that somebody else runs: no Pod, no finalizer, nothing to delete. Its
 * provider ID and address follow the Node. The Node's watch brings us back.
 */
export async function reconcileStatic(deps: Deps, scope: Scope): Promise<Result> {
  const { machine, draft, node } = scope;
  if (node === undefined) {
    const event = events.staticNodeNotFound(staticNodeOf(machine) ?? '');
    if (machine.status?.errorMessage !== event.message) record(deps, machine, event);
    scope.failure = { reason: MachineError.update, message: event.message, isTerminal: true };
    throw new TerminalError(event.message);
  }
  const providerID = node.spec?.providerID;
  if (providerID !== undefined) machine.spec = { ...machine.spec, providerID };
  await draft.writeMain();
  return done;
}
