import {
  ConfigurationError,
  decodeProviderConfig,
  type Decoded,
} from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import { clusterLabel } from '#api/machine/v1beta1/labels.ts';
import { MachineError } from '#api/machine/v1beta1/machine.ts';
import { TerminalError } from '#runtime/reconcile.ts';
import * as events from './events.ts';
import { record, type Deps, type Scope } from './scope.ts';

const path = 'spec.providerSpec.value';

/**
 * The machine's configuration. An error becomes an event when the status does not tell it yet.
 *
 * @throws TerminalError when the user has to correct the spec.
 */
export function reconcileConfiguration(deps: Deps, scope: Scope): Decoded {
  const { machine, pod } = scope;
  // A manager that lost its flag must not fail a machine whose Pod has an image already.
  const defaultImage = deps.options.hollowNodeImage ?? pod?.spec?.containers[0]?.image;
  try {
    return decodeProviderConfig(machine.spec?.providerSpec?.value, {
      path,
      ...(defaultImage !== undefined && { defaultImage }),
    });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const { message } = error;
    if (machine.status?.errorMessage !== message) {
      record(deps, machine, events.invalidConfiguration(message));
    }
    scope.failure = { reason: MachineError.invalidConfiguration, message, isTerminal: true };
    throw new TerminalError(message);
  }
}

/** Tells what the machine does without, and what of its configuration has no effect. */
export function reportWarnings(deps: Deps, { machine }: Scope, warnings: string[]): void {
  if (!machine.metadata.labels?.[clusterLabel]) {
    record(deps, machine, events.missingClusterLabel());
  }
  for (const warning of warnings) record(deps, machine, events.ignoredConfiguration(warning));
}
