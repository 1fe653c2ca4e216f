/** The rights that an installation gives, as generated for `kustomize/`, on a control plane of tests. */
import { nodes } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { view } from '#local/apiserver/object.ts';
import type { LocalCluster } from '#local/cluster.ts';
import { readObjects } from '#local/objects.ts';
import { hollowNode, manager } from '#manifests/grants.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import type { RealServer } from './server.ts';

/** Whose rights programs have, by the beginning of their user agents. */
export const accounts = {
  manager,
  'cluster-api-provider-kubemark': manager,
  'hollow-kubelet': hollowNode,
  'kubemark/': hollowNode,
} as const;

const files = [
  'kustomize/base/controller/namespaces.yaml',
  'kustomize/base/controller/rbac.yaml',
  'kustomize/components/leader-election/rbac.yaml',
  'kustomize/components/cluster-k8s-io/rbac.yaml',
];

/** Gives managers and hollow nodes these rights and no other. */
export async function installRights(
  cluster: LocalCluster,
  server: RealServer,
  client: Client,
): Promise<void> {
  await cluster.apply(await readObjects(files));
  for (const [userAgent, account] of Object.entries(accounts)) {
    server.authenticate(userAgent, await tokenOf(client, account));
  }
}

const serviceAccounts: Kind = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};

/** An hour's token, as a Pod of the ServiceAccount has. */
async function tokenOf(client: Client, key: ObjectKey): Promise<string> {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const answer = await client.createSubresource(serviceAccounts, key, 'token', request);
  return view<{ status: { token: string } }>(answer).status.token;
}

/** Roles hold some time after they are accepted. */
export async function haveRights(cluster: LocalCluster): Promise<boolean> {
  const answers = Object.keys(accounts).map(async (userAgent) => {
    const client = cluster.newClient(userAgent);
    try {
      await client.list(nodes);
    } finally {
      await client.close();
    }
  });
  const results = await Promise.allSettled(answers);
  return results.every(({ status }) => status === 'fulfilled');
}
