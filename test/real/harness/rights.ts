/** Requests beside the rights of who sends them. */
import type { ExecutionContext } from 'ava';
import type { RequestRecord } from '#local/apiserver/server.ts';
import type { Grant } from '#manifests/roles.ts';
import { accounts } from '#test/helpers/real/rights.ts';

/** Nothing was refused. */
export function areSufficient(t: ExecutionContext, requests: readonly RequestRecord[]): void {
  const refused = requests.filter(({ code }) => code === 403);
  t.deepEqual(new Set(refused.map(textOf)), new Set());
}

/** Every verb of every rule was used. */
export function areNeeded(
  t: ExecutionContext,
  requests: readonly RequestRecord[],
  grants: readonly Grant[],
): void {
  const unused = rightsOf(grants).filter((right) => !requests.some(right.covers) && !right.isTacit);
  t.deepEqual(
    unused.map(({ text }) => text),
    [],
    'granted, not asked for',
  );
}

interface Right {
  text: string;
  /** Looked at by the admission of other requests. */
  isTacit: boolean;
  covers: (request: RequestRecord) => boolean;
}

/** Every verb of every rule. */
function rightsOf(grants: readonly Grant[]): Right[] {
  return grants.flatMap(({ subject, namespace, rules }) =>
    rules.flatMap(({ group, resource, verbs, names }) =>
      verbs.map((verb) => ({
        text: `${subject.name} in ${namespace ?? 'all namespaces'}: ${verb} ${resource} of ${group || 'core'}`,
        isTacit: resource.endsWith('/finalizers'),
        covers: (request) =>
          subjectOf(request) === subject &&
          request.verb === verb &&
          request.group === group &&
          resourceOf(request) === resource &&
          (namespace === undefined || request.namespace === namespace) &&
          (names === undefined || names.includes(request.name)),
      })),
    ),
  );
}

/** Whose token a request had; `undefined`: an administrator's. */
export function subjectOf({ userAgent }: RequestRecord): object | undefined {
  return Object.entries(accounts).find(([name]) => userAgent.startsWith(name))?.[1];
}

function resourceOf({ resource, subresource }: RequestRecord): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

function textOf(request: RequestRecord): string {
  return `${request.userAgent} in ${request.namespace || 'all namespaces'}: ${request.verb} ${resourceOf(request)} of ${request.group || 'core'}`;
}
