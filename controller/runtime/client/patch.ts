import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { messageOf } from '../error-text.ts';
import type { Client, Subresource } from './client.ts';
import { isNotFound } from './errors.ts';
import type { MergePatch } from './merge-patch.ts';
import { isDeepEqual, mergePatch } from './merge-patch.ts';
import { keyOf } from './object-key.ts';

export { isDeepEqual, mergePatch };

export interface PatchTarget<T extends KubernetesObject> {
  readonly client: Client;
  readonly kind: Kind<T>;
  /** As it was read; never changed here. */
  readonly stored: T;
  readonly signal: AbortSignal;
  /** Receives what each write answers: for a cache (`Informer.observe`). */
  readonly observe?: (object: T) => void;
}

/**
 * A mutable copy of a stored object that knows what has not been written yet.
 *
 * Guarantees:
 * - A write carries only what changed since the last one, and is not sent when nothing did.
 * - A write never reaches another object of the same name: it names the `uid`, and a mismatch is
 *   refused as `Invalid`. Only the status of custom resources is written whatever the uid
 *   (apiextensions-apiserver, status_strategy.go), so a status also names the `resourceVersion`.
 * - A list in metadata or spec is replaced whole (RFC 7386), so such a patch names the
 *   `resourceVersion` too: when somebody else wrote meanwhile it is a conflict, not a lost finalizer.
 */
export class Draft<T extends KubernetesObject> {
  /** Change this. */
  readonly object: T;
  readonly #target: PatchTarget<T>;
  #main: KubernetesObject;
  #status: object | undefined;

  constructor(target: PatchTarget<T>) {
    this.#target = target;
    this.object = structuredClone(target.stored);
    const { status, main } = split(target.stored);
    this.#main = { ...main, metadata: { ...main.metadata } };
    this.#status = status;
  }

  /** Writes all but the status; the draft then has the new `resourceVersion` and `generation`. */
  async writeMain(): Promise<void> {
    const { main } = split(this.object);
    const patch = mergePatch(this.#main, main);
    if (patch === undefined) return;
    const lock = hasList(patch) ? this.#main.metadata.resourceVersion : undefined;
    const answer = await this.#send(patch, lock);
    this.#main = structuredClone(main);
    this.#adoptVersion(answer);
  }

  async writeStatus(): Promise<void> {
    const { status } = split(this.object);
    const patch = mergePatch({ status: this.#status }, { status });
    if (patch === undefined) return;
    const answer = await this.#send(patch, this.#main.metadata.resourceVersion, 'status');
    this.#status = structuredClone(status);
    this.#adoptVersion(answer);
  }

  #send(patch: MergePatch, resourceVersion?: string, subresource?: Subresource): Promise<T> {
    const { client, kind, stored, signal } = this.#target;
    const { uid } = stored.metadata;
    const metadata = {
      ...Object(patch['metadata']),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
    };
    const options = { signal, ...(subresource && { subresource }) };
    return client.patch(kind, keyOf(stored), { ...patch, metadata }, options);
  }

  #adoptVersion(answer: T): void {
    this.#target.observe?.(answer);
    const { resourceVersion, generation } = answer.metadata;
    const version = {
      ...(resourceVersion && { resourceVersion }),
      ...(generation && { generation }),
    };
    Object.assign(this.object.metadata, version);
    Object.assign(this.#main.metadata, version);
  }
}

/**
 * Runs `change` on a draft and writes what it left behind: metadata and spec, then status.
 *
 * Also after a failure, so that the status can tell of it; then the failure is what is thrown, and an
 * `AggregateError` (which is retried, whatever the failure was) when the write failed too. An object
 * that vanished while it was being deleted is no error.
 */
export async function patchOnExit<T extends KubernetesObject, Result>(
  target: PatchTarget<T>,
  change: (draft: Draft<T>) => Promise<Result>,
): Promise<Result> {
  const draft = new Draft(target);
  const result = await change(draft).catch(async (failure: unknown) => {
    if (target.signal.aborted) throw failure;
    await writeAll(draft).catch((writeFailure: unknown) => {
      throw new AggregateError(
        [failure, writeFailure],
        `${messageOf(failure)}; ${messageOf(writeFailure)}`,
      );
    });
    throw failure;
  });
  await writeAll(draft);
  return result;
}

async function writeAll<T extends KubernetesObject>(draft: Draft<T>): Promise<void> {
  try {
    await draft.writeMain();
    await draft.writeStatus();
  } catch (error) {
    const isDeleting = draft.object.metadata.deletionTimestamp !== undefined;
    if (!(isDeleting && isNotFound(error))) throw error;
  }
}

/** Few kinds have no status; `KubernetesObject` leaves it out. */
function split({ status, ...main }: KubernetesObject & { status?: object }): {
  status: object | undefined;
  main: KubernetesObject;
} {
  return { status, main };
}

function hasList(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasList);
}
