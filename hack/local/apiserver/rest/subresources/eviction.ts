import type { Pod, PodDisruptionBudget } from '#api/core.ts';
import type { JsonObject } from '#api/json.ts';
import type { ObjectMeta } from '#api/meta.ts';
import { timestamp } from '#api/timestamp.ts';
import type { ApiObject } from '../../object.ts';
import { view } from '../../object.ts';
import { fromObject, matchesLabels } from '../../selectors/label.ts';
import type { StatusCause, StatusObject } from '../../status.ts';
import {
  badRequest,
  forbidden,
  notFound,
  StatusError,
  success,
  tooManyRequests,
} from '../../status.ts';
import type { Store } from '../../storage/store.ts';
import { keyOf } from '../../storage/store.ts';
import type { Stored } from '../../storage/stored.ts';
import type { DeleteOptions } from '../delete.ts';
import { deleteStored } from '../delete.ts';
import type { Operation } from '../operation.ts';

/** The real server stops counting on a controller that never confirms its evictions. */
const mostDisruptedPods = 2000;

/**
 * POST to `pods/NAME/eviction`: a deletion that PodDisruptionBudgets may refuse
 * (pkg/registry/core/pod/storage/eviction.go). A controller keeps the budgets' status.
 */
export function evictPod(operation: Operation, eviction: JsonObject): StatusObject {
  const { resource, namespace, name, cluster } = operation;
  const bodyName = view<ObjectMeta>(eviction['metadata'] ?? {}).name;
  if (bodyName !== undefined && bodyName !== name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const options = view<DeleteOptions>(eviction['deleteOptions'] ?? {});
  const stored = resource.store.get(keyOf(namespace, name));
  if (stored === undefined) throw notFound(resource.definition, name);
  const pod = view<Pod>(stored.object);
  if (!mayIgnoreBudgets(pod)) {
    const budgets = cluster.store('policy', 'poddisruptionbudgets');
    const matching = [...budgets.list(`${namespace}/`)].filter((budget) => covers(budget, pod));
    if (matching.length > 1) {
      const why =
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
      throw new StatusError(500, '', why);
    }
    const [budget] = matching;
    if (budget !== undefined && !mayIgnore(budget, pod)) {
      const isDryRun = operation.isDryRun || (options.dryRun ?? []).length > 0;
      spend({ ...operation, isDryRun }, budgets, budget);
    }
  }
  deleteStored(operation, stored, options);
  return success({ code: 201 });
}

/** A Pod that does not run, or goes anyway, is nobody's budget. */
function mayIgnoreBudgets({ status, metadata }: Pod): boolean {
  const phase = status?.phase ?? '';
  const isRunning = !['Succeeded', 'Failed', 'Pending'].includes(phase);
  return !isRunning || metadata.deletionTimestamp !== undefined;
}

function covers({ object }: Stored, pod: Pod): boolean {
  const selector = fromObject(object.spec?.['selector']);
  return selector !== undefined && matchesLabels(selector, pod.metadata.labels);
}

/** Pods that are not ready may go while the budget is healthy, or always if it says so. */
function mayIgnore({ object }: Stored, pod: Pod): boolean {
  const { spec, status } = view<PodDisruptionBudget>(object);
  const isReady = pod.status?.conditions?.some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  );
  if (isReady) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

const refusal = "Cannot evict pod as it would violate the pod's disruption budget.";

const because = (message: string): StatusCause[] => [{ reason: 'DisruptionBudget', message }];

/** Takes one disruption from a budget, or refuses. */
function spend(operation: Operation, budgets: Store, { object }: Stored): void {
  const { status, metadata } = view<PodDisruptionBudget>(object);
  const name = metadata.name ?? '';
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    const why = `The disruption budget ${name} is still being processed by the server.`;
    throw tooManyRequests(refusal, 10, because(why));
  }
  const {
    disruptionsAllowed = 0,
    disruptedPods = {},
    desiredHealthy = 0,
    currentHealthy = 0,
  } = status ?? {};
  const resource = { group: 'policy', plural: 'poddisruptionbudgets' };
  if (disruptionsAllowed < 0)
    throw forbidden(resource, name, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > mostDisruptedPods) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(resource, name, why);
  }
  if (disruptionsAllowed === 0) {
    const why = `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    throw tooManyRequests(refusal, 0, because(why));
  }
  if (operation.isDryRun) return;
  const now = timestamp(operation.clock.now());
  budgets.put({
    ...object,
    metadata: { ...metadata },
    status: {
      ...object.status,
      disruptionsAllowed: disruptionsAllowed - 1,
      disruptedPods: { ...disruptedPods, [operation.name]: now },
      ...(disruptionsAllowed === 1 && { conditions: insufficient(object, now) }),
    },
  });
}

function insufficient(object: ApiObject, lastTransitionTime: string): object[] {
  const { status, metadata } = view<PodDisruptionBudget>(object);
  const type = 'DisruptionAllowed';
  const others = (status?.conditions ?? []).filter((condition) => condition.type !== type);
  return [
    ...others,
    {
      type,
      status: 'False',
      reason: 'InsufficientPods',
      message: '',
      lastTransitionTime,
      observedGeneration: metadata.generation ?? 0,
    },
  ];
}
