import { ConfigurationError } from '#api/configuration-error.ts';
import { decodeProviderConfig, type Decoded } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import { clusterLabel } from '#api/machine/v1beta1/labels.ts';
import { MachineError } from '#api/machine/v1beta1/machine.ts';
import { TerminalError } from '#runtime/reconcile.ts';
import * as events from './events.ts';
import { record, type Deps, type Scope } from './scope.ts';

const path = 'spec.providerSpec.value';

/**
 * The machine's configuration.
 *
 * @throws TerminalError when the user has to correct the spec.
 */
export function reconcileConfiguration(deps: Deps, scope: Scope): Decoded {
  const { machine, pod } = scope;
  // Only a new Pod needs the manager's flag: one that is there has its image.
  const defaultImage = deps.options.hollowNodeImage ?? pod?.spec?.containers[0]?.image;
  try {
    const decoded = decodeProviderConfig(machine.spec?.providerSpec?.value, {
      path,
      ...(defaultImage !== undefined && { defaultImage }),
    });
    const needsProxy = decoded.config.faultInjector === 'Proxy' && pod === undefined;
    if (needsProxy && deps.options.faultProxyImage === undefined) {
      throw new ConfigurationError(
        `${path}.faultInjector: "Proxy" (the manager has no --fault-proxy-image)`,
      );
    }
    return decoded;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const { message } = error;
    const errorReason = MachineError.invalidConfiguration;
    scope.failure = { reason: errorReason, message, errorReason };
    throw new TerminalError(message);
  }
}

/** Tells what the machine does without, and what of its configuration has no effect. */
export function reportWarnings(deps: Deps, { machine }: Scope, warnings: string[]): void {
  const isLabelCustomary = clusterLabel.startsWith(`${deps.machines.kind.group}/`);
  if (isLabelCustomary && !machine.metadata.labels?.[clusterLabel]) {
    record(deps, machine, events.missingClusterLabel());
  }
  for (const warning of warnings) record(deps, machine, events.ignoredConfiguration(warning));
}
