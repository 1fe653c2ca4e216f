import { quote } from '#api/quote.ts';
import { MachineError } from '#api/machine/v1beta1/machine.ts';
import { done, TerminalError, type Result } from '#runtime/reconcile.ts';
import { staticNodeOf, type Scope } from './scope.ts';

/**
 * A static machine is a Node that somebody else runs: no Pod, no finalizer, nothing to delete. Its
 * provider ID and address follow the Node. The Node's watch brings us back.
 */
export async function reconcileStatic(scope: Scope): Promise<Result> {
  const { machine, draft, node } = scope;
  if (node === undefined) {
    const name = quote(staticNodeOf(machine) ?? '');
    const message = `The Node ${name} of this static machine does not exist`;
    scope.failure = { reason: 'NodeNotFound', message, errorReason: MachineError.update };
    throw new TerminalError(message);
  }
  const providerID = node.spec?.providerID;
  if (providerID !== undefined) machine.spec = { ...machine.spec, providerID };
  await draft.writeMain();
  return done;
}
