/** What discovery says of a resource, in its old form and its aggregated one. */
import type { ResourceDefinition, VersionDefinition } from '../kinds/definition.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const statusVerbs = ['get', 'patch', 'update'];

interface ApiResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: string[];
  shortNames?: readonly string[];
  categories?: readonly string[];
}

interface SubresourceOf {
  name: string;
  kind: { group: string; version: string; kind: string };
  verbs: string[];
}

export function verbsOf({ kind }: ResourceDefinition): string[] {
  return kind === 'Namespace' ? verbs.filter((verb) => verb !== 'deletecollection') : verbs;
}

/** Entries of an `APIResourceList`: the resource and its subresources. */
export function apiResourcesOf(
  definition: ResourceDefinition,
  version: VersionDefinition,
): ApiResource[] {
  const { plural, singular, namespaced, kind, shortNames, categories, group } = definition;
  const own: ApiResource = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: verbsOf(definition),
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
  };
  const subresources = subresourcesOf(definition, version).map((subresource): ApiResource => {
    const isOwnGroup = subresource.kind.group === group;
    return {
      name: `${plural}/${subresource.name}`,
      singularName: '',
      namespaced,
      ...(!isOwnGroup && { group: subresource.kind.group, version: subresource.kind.version }),
      kind: subresource.kind.kind,
      verbs: subresource.verbs,
    };
  });
  return [own, ...subresources];
}

/** An entry of `APIGroupDiscovery`. */
export function discoveryOf(definition: ResourceDefinition, version: VersionDefinition): object {
  const { plural, singular, namespaced, kind, shortNames, categories, group } = definition;
  const subresources = subresourcesOf(definition, version);
  return {
    resource: plural,
    responseKind: { group, version: version.name, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(definition),
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((subresource) => ({
        subresource: subresource.name,
        responseKind: subresource.kind,
        verbs: subresource.verbs,
      })),
    }),
  };
}

function subresourcesOf(
  { group, kind }: ResourceDefinition,
  { name: version, hasStatus, scale }: VersionDefinition,
): SubresourceOf[] {
  const found: SubresourceOf[] = [];
  if (group === '' && kind === 'Pod') {
    found.push(
      { name: 'binding', kind: { group: '', version: 'v1', kind: 'Binding' }, verbs: ['create'] },
      {
        name: 'eviction',
        kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
        verbs: ['create'],
      },
    );
  }
  if (group === '' && kind === 'Namespace') {
    found.push({ name: 'finalize', kind: { group, version, kind }, verbs: ['update'] });
  }
  if (kind === 'CertificateSigningRequest') {
    found.push({ name: 'approval', kind: { group, version, kind }, verbs: ['update'] });
  }
  if (hasStatus) found.push({ name: 'status', kind: { group, version, kind }, verbs: statusVerbs });
  if (scale) {
    const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    found.push({ name: 'scale', kind: scaleKind, verbs: statusVerbs });
  }
  return found;
}
