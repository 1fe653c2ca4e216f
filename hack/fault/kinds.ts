/** Which kinds of machines there are, and what people call them. */
import type { V1APIResourceList } from '@kubernetes/client-node';
import type { CustomKind } from '#api/custom-kind.ts';
import type { Kind } from '#api/kind.ts';
import { apiVersionOf } from '#api/kind.ts';
import { machineKinds } from '#api/kinds.ts';
import { ifFound } from '#runtime/client/errors.ts';
import type { KubeClient } from '#runtime/client/kube-client.ts';

/** `kubemarkmachine.infrastructure.cluster.x-k8s.io`, as kubectl writes it. */
export function nameOf({ kind, group }: Kind): string {
  return `${kind.toLowerCase()}.${group}`;
}

/**
 * Those that somebody means who writes as for kubectl: a plural, singular or short name, and a dot and the
 * group where it matters.
 *
 * @throws Error where it is none of them
 */
export function kindsCalled(text: string): readonly CustomKind[] {
  const [name = '', ...groupParts] = text.toLowerCase().split('.');
  const group = groupParts.join('.');
  const called = machineKinds.filter(
    (kind) =>
      [kind.singular, kind.plural, ...(kind.shortNames ?? [])].includes(name) &&
      (group === '' || group === kind.group),
  );
  if (called.length > 0) return called;
  throw new Error(`want ${machineKinds.map(nameOf).join(', ')}, or the part before a dot`);
}

/** Those of the kinds that the API server has. */
export async function servedKinds(
  client: KubeClient,
  kinds: readonly CustomKind[],
): Promise<readonly CustomKind[]> {
  const answers = await Promise.all(kinds.map((kind) => isServed(client, kind)));
  return kinds.filter((_, index) => answers[index]);
}

async function isServed(client: KubeClient, kind: Kind): Promise<boolean> {
  const path = `/apis/${apiVersionOf(kind)}`;
  const version = await ifFound(client.getPath<V1APIResourceList>(path));
  return version?.resources.some(({ name }) => name === kind.plural) === true;
}
