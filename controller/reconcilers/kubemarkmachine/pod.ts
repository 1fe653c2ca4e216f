import { pods, type Pod } from '#api/core.ts';
import { kubemarkMachineAnnotation } from '#api/infrastructure/v1alpha4/labels.ts';
import { clusterPod, type ClusterNode } from '#controller/hollow-pod/cluster-pod.ts';
import { isFinished, replacementDelay } from '#controller/hollow-pod/instance.ts';
import { ApiError, ifFound, isAlreadyExists } from '#runtime/client/errors.ts';
import { done } from '#runtime/reconcile.ts';
import type { Context, Result } from '#runtime/reconcile.ts';
import { pollInterval, type HollowCluster } from './hollow-cluster.ts';
import { adoption, isInherited, isOurs, ownMetadata, secretName } from './own-objects.ts';
import type { Deps, Scope } from './scope.ts';
import { Waiting } from './waiting.ts';

/** Milliseconds after which a Pod that could not be made is tried again. */
const refusalPause = 10_000;

/** Until the machine has a Pod that runs or will run. */
export async function reconcilePod(
  deps: Deps,
  context: Context,
  scope: Scope,
  hollow: HollowCluster,
  node: ClusterNode,
): Promise<Result> {
  const { machine, nodeName } = scope;
  scope.pod = await findPod(deps, context, scope, hollow);
  if (scope.pod !== undefined && !isFinished(scope.pod)) {
    return hollow.isExternal ? { requeueAfter: pollInterval } : done;
  }
  const wasRunning = machine.status?.initialization?.provisioned === true;
  if (wasRunning && machine.spec?.instanceLossPolicy === 'Fail') {
    const message = `Pod ${nodeName} is lost and instanceLossPolicy is Fail: delete the machine to go on`;
    throw new Waiting('InstanceLost', message, undefined, { isFinal: true });
  }
  if (scope.pod !== undefined) {
    const delay = replacementDelay(scope.pod, deps.clock.now());
    if (delay > 0) return { requeueAfter: delay };
    await deletePod(context, hollow, scope.pod);
    return hollow.isExternal ? { requeueAfter: pollInterval } : done;
  }
  scope.pod = await createPod(context, scope, hollow, node);
  const name = `${hollow.namespace}/${nodeName}`;
  if (wasRunning)
    deps.events.event(machine, 'Warning', 'InstanceLost', `Pod ${name} was lost; created again`);
  else deps.events.event(machine, 'Normal', 'Created', `Created hollow node Pod ${name}`);
  return hollow.isExternal ? { requeueAfter: pollInterval } : done;
}

/** The machine's own Pod, by the cache or, if that has none, by its API server; adopted if inherited. */
export async function findPod(
  { pods: cache }: Deps,
  { signal }: Context,
  scope: Scope,
  hollow: HollowCluster,
): Promise<Pod | undefined> {
  const key = { namespace: hollow.namespace, name: scope.nodeName };
  const cached = hollow.isExternal ? undefined : cache.get(key);
  const pod =
    cached ??
    (await hollow.ask((client, timeout) => ifFound(client.get(pods, key, { signal, timeout }))));
  if (pod === undefined || isOurs(pod, scope)) return pod;
  if (!isInherited(pod)) return undefined;
  const { uid = '' } = pod.metadata;
  const patch = adoption(scope);
  return hollow.ask((client, timeout) =>
    client.patch(
      pods,
      key,
      { ...patch, metadata: { ...patch.metadata, uid } },
      { signal, timeout },
    ),
  );
}

/** Asks for the deletion of this very Pod. True when it is gone. */
export async function deletePod(
  { signal, log }: Context,
  hollow: HollowCluster,
  { metadata }: Pod,
): Promise<boolean> {
  const { namespace = '', name = '', uid = '', deletionTimestamp } = metadata;
  if (deletionTimestamp !== undefined) return false;
  log.info('Deleting hollow node Pod', { Pod: `${namespace}/${name}` });
  const answer = await hollow.ask((client, timeout) => {
    const options = { preconditions: { uid }, signal, timeout };
    return ifFound(client.delete(pods, { namespace, name }, options));
  });
  return answer ?? true;
}

async function createPod(
  { signal, log }: Context,
  scope: Scope,
  hollow: HollowCluster,
  node: ClusterNode,
): Promise<Pod> {
  const { machine, nodeName } = scope;
  const { namespace } = hollow;
  const machineKey = `${machine.metadata.namespace}/${machine.metadata.name}`;
  const metadata = {
    ...ownMetadata(scope, hollow, nodeName),
    annotations: { [kubemarkMachineAnnotation]: machineKey },
  };
  const pod = clusterPod(node, metadata, secretName(scope));
  log.info('Creating hollow node Pod', { Pod: `${namespace}/${nodeName}` });
  try {
    const created = await hollow.ask((client, timeout) =>
      client.create(pods, pod, { signal, timeout }),
    );
    hollow.observe(created);
    return created;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const message = isAlreadyExists(error)
      ? `there is another Pod ${namespace}/${nodeName}, or the last one is still on its way out`
      : error.message;
    throw new Waiting(isAlreadyExists(error) ? 'NameTaken' : 'PodRefused', message, refusalPause);
  }
}
