import { getText } from '../object.ts';
import type { SelectableFields } from '../selectors/field.ts';
import { forbidden, notFound } from '../status.ts';
import { keyOf } from '../storage/store.ts';
import type { Cluster, ResourceDefinition, Strategy } from './definition.ts';
import { keepSpec, keepStatus, plainStrategy } from './definition.ts';

const namespaces = { group: '', plural: 'namespaces' };
const nameLabel = 'kubernetes.io/metadata.name';

/** Those that every cluster has; the first three cannot be deleted. */
export const immortalNamespaces = ['default', 'kube-system', 'kube-public'];
export const systemNamespaces = [...immortalNamespaces, 'kube-node-lease'];

export const namespaceFields: SelectableFields = {
  'status.phase': (namespace) => getText(namespace, 'status', 'phase'),
  name: ({ metadata }) => metadata.name ?? '',
};

/**
 * A namespace that is deleted turns Terminating and stays until a controller has emptied it and
 * removed `kubernetes` from `spec.finalizers` (pkg/registry/core/namespace).
 */
export const namespaceStrategy: Strategy = {
  ...plainStrategy,
  nameRule: 'label',
  returnsDeleted: true,
  prepareForCreate(draft) {
    draft.spec = { finalizers: ['kubernetes'] };
    draft.status = { phase: 'Active' };
    draft.metadata.labels = { ...draft.metadata.labels, [nameLabel]: draft.metadata.name ?? '' };
  },
  prepareForUpdate(draft, old) {
    keepSpec(draft, old);
    keepStatus(draft, old);
    draft.metadata.labels = { ...draft.metadata.labels, [nameLabel]: draft.metadata.name ?? '' };
  },
  prepareForDelete(draft) {
    const { name = '' } = draft.metadata;
    if (immortalNamespaces.includes(name)) {
      throw forbidden(namespaces, name, 'this namespace may not be deleted');
    }
    draft.status = { ...draft.status, phase: 'Terminating' };
  },
  isHeld: ({ spec }) => Array.isArray(spec?.['finalizers']) && spec['finalizers'].length > 0,
};

/** NamespaceLifecycle admission: a namespace must exist, and not be on its way out. */
export function admitToNamespace(
  cluster: Cluster,
  { group, plural }: ResourceDefinition,
  { namespace = '', name = '' }: { namespace?: string; name?: string },
): void {
  const found = cluster.store('', 'namespaces').get(keyOf('', namespace))?.object;
  if (found === undefined) throw notFound(namespaces, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  throw forbidden(
    { group, plural },
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
}
