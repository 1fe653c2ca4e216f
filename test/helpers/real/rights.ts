/** The rights that an installation gives, as generated for `kustomize/`, on a control plane of tests. */
import { nodes } from '#api/core.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import type { Kind } from '#api/kind.ts';
import { view } from '#local/apiserver/object.ts';
import type { LocalCluster } from '#local/cluster.ts';
import { readObjects } from '#local/objects.ts';
import { hollowNode, infrastructureManager, manager } from '#manifests/grants.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import type { RealServer } from './server.ts';

/** Whose rights programs have, by the beginning of their user agents. */
export const accounts = {
  manager,
  'infrastructure-manager': infrastructureManager,
  'cluster-api-provider-kubemark': manager,
  'hollow-kubelet': hollowNode,
  'kubemark/': hollowNode,
} as const;

const files = [
  'kustomize/base/controller/namespaces.yaml',
  'kustomize/base/controller/rbac.yaml',
  'kustomize/components/leader-election/rbac.yaml',
  'kustomize/components/cluster-k8s-io/rbac.yaml',
  'kustomize/base/infrastructure/namespace.yaml',
  'kustomize/base/infrastructure/rbac.yaml',
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
  const answers = Object.entries(accounts).map(async ([userAgent, account]) => {
    const client = cluster.newClient(userAgent);
    try {
      await client.list(account === infrastructureManager ? kubemarkMachines : nodes);
    } finally {
      await client.close();
    }
  });
  const results = await Promise.allSettled(answers);
  return results.every(({ status }) => status === 'fulfilled');
}
