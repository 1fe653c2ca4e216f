import { pods, type Pod } from '#api/core.ts';
import { isObject } from '#api/json.ts';
import type { Client } from '#runtime/client/client.ts';
import { ApiError, isConflict, isNotFound } from '#runtime/client/errors.ts';
import { forEachOf } from '#runtime/for-each.ts';
import type { Context } from '#runtime/reconcile.ts';

export interface Refusal {
  /** `namespace/name` of the Pod. */
  pod: string;
  /** The PodDisruptionBudget that refused. */
  budget?: string;
  /** The API server's words. */
  message: string;
}

export type EvictionClient = Pick<Client, 'createSubresource'>;

const mostAtOnce = 10;
/**
 * Milliseconds. Not longer than a budget that is being counted tells us to wait: that is a refusal, and
 * no reason to keep a worker.
 */
const timeout = 10_000;

/**
 * Asks each Pod to go, once, and no more of those that a budget cannot tell from one that it refused.
 *
 * @param gracePeriodSeconds absent: the Pod's own
 */
export async function evictPods(
  client: EvictionClient,
  context: Pick<Context, 'signal'>,
  evicted: readonly Pod[],
  gracePeriodSeconds?: number,
): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  const alike = Object.values(Object.groupBy(evicted, budgetIdentity)).map((group = []) => group);
  await forEachOf(alike, mostAtOnce, async (group) => {
    for (const pod of group) {
      const refusal = await evictPod(client, context, pod, gracePeriodSeconds);
      if (refusal === undefined) continue;
      refusals.push(refusal);
      break;
    }
  });
  return refusals.toSorted((a, b) => (a.pod < b.pod ? -1 : 1));
}

/** All that a budget judges a Pod by. */
function budgetIdentity({ metadata, status }: Pod): string {
  const { namespace, labels = {}, deletionTimestamp } = metadata;
  const isReady = status?.conditions?.some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  );
  const isGoing = deletionTimestamp !== undefined;
  const sortedLabels = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, sortedLabels, status?.phase, isReady, isGoing]);
}

async function evictPod(
  client: EvictionClient,
  { signal }: Pick<Context, 'signal'>,
  pod: Pod,
  gracePeriodSeconds: number | undefined,
): Promise<Refusal | undefined> {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  // Without apiVersion and kind: of the version that the server has for this path, policy/v1 or v1beta1.
  const eviction = {
    metadata: { namespace, name },
    deleteOptions: {
      preconditions: { uid },
      ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    },
  };
  try {
    await client.createSubresource(pods, { namespace, name }, 'eviction', eviction, {
      signal,
      timeout,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (isNotFound(error) || isConflict(error)) return undefined; // gone, or another: the next look tells
    return refusalOf(`${namespace}/${name}`, error);
  }
}

/** Budgets are named only in a text (k8s.io/kubernetes, pkg/registry/core/pod/storage/eviction.go). */
function refusalOf(pod: string, { message, status }: ApiError): Refusal {
  const causes = (status.details?.causes ?? []).filter((cause) => isObject(cause));
  const cause = causes.find(({ reason }) => reason === 'DisruptionBudget');
  const [, budget] = /^The disruption budget (\S+) /.exec(String(cause?.['message'])) ?? [];
  return { pod, message, ...(budget !== undefined && { budget }) };
}
