import { pods, type Pod } from '#api/core.ts';
import type { ProviderConfig } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import {
  machineAnnotation,
  machineFinalizer,
  machineNameLabel,
  machineNamespaceLabel,
  machineUIDLabel,
} from '#api/machine/v1beta1/labels.ts';
import { MachineError, type Machine } from '#api/machine/v1beta1/machine.ts';
import { providerIDFor } from '#controller/hollow-pod/names.ts';
import {
  isFinished,
  registrationDelay,
  replacementDelay,
} from '#controller/hollow-pod/instance.ts';
import { desiredPod } from '#controller/hollow-pod/pod.ts';
import { ApiError, ifFound, isAlreadyExists, isNotFound } from '#runtime/client/errors.ts';
import { formatKey, keyOf } from '#runtime/client/object-key.ts';
import { addFinalizer } from '#runtime/finalizers.ts';
import { done, TerminalError } from '#runtime/reconcile.ts';
import type { Context, Result } from '#runtime/reconcile.ts';
import * as events from './events.ts';
import { hasRegistered } from './explanation.ts';
import { isPodOf, record, type Deps, type Scope } from './scope.ts';
import { providerStatusOf } from './provider-status.ts';

/**
 * Stores finalizer and provider ID together, before the Pod exists: one write, once. True when the
 * provider ID was not this machine's yet; a manifest may carry that of the machine it was copied from.
 */
export async function reconcileIdentity(deps: Deps, scope: Scope): Promise<boolean> {
  const { draft, machine, nodeName } = scope;
  const providerID = providerIDFor(nodeName);
  const found = machine.spec?.providerID;
  const isNew = found !== providerID;
  addFinalizer(machine, machineFinalizer(deps.machines.kind));
  machine.spec = { ...machine.spec, providerID };
  await draft.writeMain();
  if (found && isNew) record(deps, machine, events.providerIDReplaced(found, providerID));
  return isNew;
}

/** Until the machine has a Pod that runs or will run. Its watch brings us back. */
export async function reconcilePod(
  deps: Deps,
  context: Context,
  scope: Scope,
  config: ProviderConfig,
): Promise<Result> {
  const { machine, nodeName } = scope;
  const wasCreated = providerStatusOf(machine.status ?? {}).instanceId !== undefined;
  // A machine that knows its Pod is not judged by the cache alone.
  if (scope.pod === undefined && wasCreated) scope.pod = await findPod(deps, context, scope);

  if (scope.pod !== undefined && !isFinished(scope.pod)) {
    // One on its way out is replaced when its name is free.
    return awaitRegistration(deps, scope, scope.pod);
  }
  if (wasCreated && config.instanceLossPolicy === 'Fail') {
    throw lost(scope);
  }
  if (scope.pod !== undefined) {
    const delay = replacementDelay(scope.pod, deps.clock.now());
    if (delay > 0) return { requeueAfter: delay };
    await deletePod(deps, context, scope.pod);
    return done;
  }
  const pod = `${deps.options.podNamespace}/${nodeName}`;
  context.log.info('Creating hollow node Pod', { Pod: pod });
  scope.pod = await createPod(deps, context, scope, config);
  record(deps, machine, wasCreated ? events.podRecreated(pod) : events.podCreated(pod));
  return done;
}

function awaitRegistration({ clock }: Deps, scope: Scope, pod: Pod): Result {
  if (hasRegistered(scope.machine.status ?? {})) return done;
  const delay = registrationDelay(pod, scope.node, clock.now());
  scope.isRegistering = delay > 0;
  return scope.isRegistering ? { requeueAfter: delay } : done;
}

/** Asks the API server, not the cache. */
export async function findPod(
  deps: Deps,
  { signal }: Context,
  { nodeName, uid }: Scope,
): Promise<Pod | undefined> {
  const key = { namespace: deps.options.podNamespace, name: nodeName };
  const pod = await ifFound(deps.client.get(pods, key, { signal }));
  return pod !== undefined && isPodOf(pod, uid) ? pod : undefined;
}

/** Asks for the deletion of this very Pod. True when it is gone; else its watch tells of that. */
export async function deletePod(deps: Deps, { signal, log }: Context, pod: Pod): Promise<boolean> {
  const { namespace = '', name = '', uid = '', deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return false;
  log.info('Deleting hollow node Pod', { Pod: `${namespace}/${name}` });
  const key = { namespace, name };
  return (await ifFound(deps.client.delete(pods, key, { preconditions: { uid }, signal }))) ?? true;
}

async function createPod(
  deps: Deps,
  context: Context,
  scope: Scope,
  config: ProviderConfig,
): Promise<Pod> {
  const { faultProxyImage } = deps.options;
  const pod = desiredPod({
    name: scope.nodeName,
    namespace: deps.options.podNamespace,
    labels: podLabels(scope.machine),
    annotations: { [machineAnnotation(deps.machines.kind)]: formatKey(keyOf(scope.machine)) },
    config,
    ...(faultProxyImage !== undefined && { faultProxyImage }),
  });
  try {
    const created = await deps.client.create(pods, pod, { signal: context.signal });
    deps.pods.observe(created);
    return created;
  } catch (error) {
    if (isAlreadyExists(error)) {
      const existing = await findPod(deps, context, scope);
      if (existing !== undefined) return existing; // ours: an earlier attempt got through
    }
    if (error instanceof ApiError) {
      scope.failure = { reason: 'FailedCreate', message: refusal(pod, error) };
    }
    throw error;
  }
}

/** Why there is no Pod, for people. */
function refusal({ metadata: { namespace, name, labels } }: Pod, error: ApiError): string {
  if (isNotFound(error)) {
    return `the namespace ${namespace} of the hollow-node Pods (the manager's --pod-namespace) does not exist`;
  }
  if (!isAlreadyExists(error)) return error.message;
  const label = `${machineUIDLabel}=${labels?.[machineUIDLabel]}`;
  return `there is another Pod ${namespace}/${name}, without the label ${label}`;
}

function podLabels({ metadata }: Machine): Record<string, string> {
  const { name = '', namespace = '', uid = '' } = metadata;
  return {
    [machineNameLabel]: labelValue(name),
    [machineNamespaceLabel]: labelValue(namespace),
    [machineUIDLabel]: uid,
  };
}

/** Cut to 63 characters, ending as a label value may. */
function labelValue(name: string): string {
  return name.slice(0, 63).replace(/[-.]+$/, '');
}

function lost(scope: Scope): TerminalError {
  const message = `Pod ${scope.nodeName} is lost and instanceLossPolicy is Fail: delete the machine to go on`;
  scope.failure = { reason: 'InstanceLost', message, errorReason: MachineError.update };
  return new TerminalError(message);
}
