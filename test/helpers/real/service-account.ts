import { pods } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { serviceAccountName } from '#controller/hollow-pod/pod.ts';
import { podNamespace } from '#local/cluster.ts';
import type { Client } from '#runtime/client/client.ts';
import { ApiError, isAlreadyExists } from '#runtime/client/errors.ts';

const serviceAccounts: Kind = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};

/** The ServiceAccount of hollow-node Pods, as an installation brings it. */
export async function createServiceAccount(client: Client): Promise<void> {
  const metadata = { namespace: podNamespace, name: serviceAccountName };
  const object = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
  await client.create(serviceAccounts, object).catch((error: unknown) => {
    if (!isAlreadyExists(error)) throw error;
  });
}

/** The controller manager makes a token for the ServiceAccount first. */
export async function admitsPods(client: Client): Promise<boolean> {
  const key = { namespace: podNamespace, name: 'admitted' };
  const containers = [{ name: 'none', image: 'example.com/none' }];
  const spec = { serviceAccountName, containers };
  try {
    await client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: key, spec });
  } catch (error) {
    // 403 without the ServiceAccount, 500 without its token.
    if (error instanceof ApiError && [403, 500].includes(error.status.code)) return false;
    throw error;
  }
  await client.delete(pods, key, { gracePeriodSeconds: 0 });
  return true;
}
