/** A role, who has it, and the two objects that say so. */
import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-25';
import type { Construct } from 'constructs';
import { commonLabels } from './names.ts';

export interface Grant {
  /** Of the role and of its binding. */
  name: string;
  /** Where it holds; absent: in the whole cluster. */
  namespace?: string;
  /** The ServiceAccount that has it. */
  subject: { name: string; namespace: string };
  rules: readonly Rule[];
}

export interface Rule {
  /** `''`: the core group. */
  group: string;
  /** Plural, with its subresource: `pods/status`. */
  resource: string;
  verbs: readonly Verb[];
  /** Only these objects; absent: all. */
  names?: readonly string[];
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

export function grant(scope: Construct, { name, namespace, subject, rules }: Grant): ApiObject[] {
  const id = `${name}-${namespace ?? 'cluster'}`;
  const metadata = { name, labels: commonLabels, ...(namespace !== undefined && { namespace }) };
  const [Role, Binding, kind] =
    namespace === undefined
      ? ([k8s.KubeClusterRole, k8s.KubeClusterRoleBinding, 'ClusterRole'] as const)
      : ([k8s.KubeRole, k8s.KubeRoleBinding, 'Role'] as const);
  return [
    new Role(scope, `${id}-role`, {
      metadata,
      rules: rules.map(({ group, resource, verbs, names }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs: [...verbs],
        ...(names && { resourceNames: [...names] }),
      })),
    }),
    new Binding(scope, `${id}-binding`, {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      subjects: [{ kind: 'ServiceAccount', ...subject }],
    }),
  ];
}
