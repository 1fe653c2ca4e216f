import type { V1APIGroupList, V1APIResourceList } from '@kubernetes/client-node';
import type { Kind } from '#api/kind.ts';
import type { RequestOptions } from '#runtime/client/client.ts';

/** The part of `KubeClient` that reads documents outside the kinds. */
export interface PathReader {
  getPath<Answer>(path: string, options?: RequestOptions): Promise<Answer>;
}

export interface Discovered {
  readonly kinds: readonly Kind[];
  /** Group versions that did not answer: what they hold is not among `kinds`. */
  readonly failures: readonly unknown[];
}

/** What a collector needs to be able to do with a kind. */
const neededVerbs = ['list', 'watch', 'delete'];

/**
 * Every kind of the server whose objects can be listed, watched and deleted, once each, in its
 * group's preferred version.
 *
 * @throws what the client throws when the list of groups itself cannot be read.
 */
export async function discoverKinds(
  reader: PathReader,
  options: RequestOptions = {},
): Promise<Discovered> {
  const groups = await reader.getPath<V1APIGroupList>('/apis', options);
  const groupVersions = ['v1', ...groups.groups.flatMap(preferredFirst)];
  const answers = await Promise.allSettled(
    groupVersions.map((groupVersion) => readResources(reader, groupVersion, options)),
  );
  const kinds = new Map<string, Kind>();
  const failures: unknown[] = [];
  for (const answer of answers) {
    if (answer.status === 'rejected') failures.push(answer.reason);
    else addKinds(kinds, answer.value);
  }
  return { kinds: [...kinds.values()], failures };
}

/** `apps/v1` before `apps/v1beta1` if the server prefers it. */
function preferredFirst({
  versions,
  preferredVersion,
}: V1APIGroupList['groups'][number]): string[] {
  const all = versions.map(({ groupVersion }) => groupVersion);
  return [...new Set([...(preferredVersion ? [preferredVersion.groupVersion] : []), ...all])];
}

function readResources(
  reader: PathReader,
  groupVersion: string,
  options: RequestOptions,
): Promise<V1APIResourceList> {
  const path = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
  return reader.getPath<V1APIResourceList>(path, options);
}

/** Adds what an earlier version of the same group has not offered. */
function addKinds(kinds: Map<string, Kind>, { groupVersion, resources }: V1APIResourceList): void {
  const [group = '', version = ''] = groupVersion.includes('/')
    ? groupVersion.split('/')
    : ['', groupVersion];
  for (const { name: plural, kind, namespaced, verbs } of resources) {
    const isSubresource = plural.includes('/');
    if (isSubresource || !neededVerbs.every((verb) => verbs.includes(verb))) continue;
    const id = `${plural}.${group}`;
    if (!kinds.has(id)) kinds.set(id, { group, version, kind, plural, namespaced });
  }
}
