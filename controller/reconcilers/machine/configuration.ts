import {
  ConfigurationError,
  decodeProviderConfig,
  type ProviderConfig,
} from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import { clusterLabel } from '#api/machine/v1beta1/labels.ts';
import { MachineError } from '#api/machine/v1beta1/machine.ts';
import { TerminalError } from '#runtime/reconcile.ts';
import * as events from './events.ts';
import { record, type Deps, type Scope } from './scope.ts';
import { providerStatusOf } from './status.ts';

const path = 'spec.providerSpec.value';

/**
 * The machine's configuration. Each message becomes one event: an error when the status does not
 * tell it yet, a warning until the Pod was made.
 *
 * @throws TerminalError when the user has to correct the spec.
 */
export function reconcileConfiguration(deps: Deps, scope: Scope): ProviderConfig {
  const { machine } = scope;
  const { hollowNodeImage } = deps.options;
  try {
    const { config, warnings } = decodeProviderConfig(machine.spec?.providerSpec?.value, {
      path,
      ...(hollowNodeImage !== undefined && { defaultImage: hollowNodeImage }),
    });
    if (providerStatusOf(machine.status ?? {}).instanceId === undefined) {
      if (!machine.metadata.labels?.[clusterLabel]) {
        record(deps, machine, events.missingClusterLabel());
      }
      for (const warning of warnings) record(deps, machine, events.ignoredConfiguration(warning));
    }
    return config;
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
