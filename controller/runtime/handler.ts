import type { KubernetesObject } from '#api/meta.ts';
import type { InformerEvent } from './cache/informer.ts';
import type { ObjectKey } from './client/client.ts';
import { keyOf } from './client/object-key.ts';

/** Which keys to reconcile after a change. */
export type ToKeys<T> = (event: InformerEvent<T>) => Iterable<ObjectKey>;

/** The changed object itself. */
export function enqueueSelf({ object }: InformerEvent<KubernetesObject>): ObjectKey[] {
  return [keyOf(object)];
}

/** What the object belongs to, and also what it belonged to before the change. */
export function enqueueMapped<T>(map: (object: T) => Iterable<ObjectKey>): ToKeys<T> {
  return function* mapped(event) {
    if (event.type === 'updated' && event.old !== event.object) yield* map(event.old);
    yield* map(event.object);
  };
}
