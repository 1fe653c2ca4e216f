import type { KubernetesObject, OwnerReference } from '#api/meta.ts';
import type { Informer } from './cache/informer.ts';
import type { Client, ObjectKey } from './client/client.ts';
import { ifFound, isConflict, isInvalid, isNotFound } from './client/errors.ts';
import { keyOf } from './client/object-key.ts';
import { Draft } from './client/patch.ts';
import type { EventRecorder } from './event-recorder.ts';
import { matchesSelector, type LabelSelector } from './label-selector.ts';
import { controllerOf, controllerReference } from './owner-references.ts';
import type { Context } from './reconcile.ts';

/** Says by labels which objects are its own. */
export interface Selecting extends KubernetesObject {
  spec?: { selector?: LabelSelector };
}

export interface OwnershipOptions<Owner extends Selecting, Owned extends KubernetesObject> {
  client: Client;
  events: EventRecorder;
  owners: Informer<Owner>;
  /** Gets two indexes. */
  owned: Informer<Owned>;
}

/**
 * Which objects of one kind those of another control: what their selector selects, as ReplicaSets have
 * Pods (client-go, controller_ref_manager.go). What matches and is nobody's is taken in, what matches no
 * more is let go; who has another controller is left alone.
 */
export class Ownership<Owner extends Selecting, Owned extends KubernetesObject> {
  readonly #options: OwnershipOptions<Owner, Owned>;
  /** Index by the UID of the controller. */
  readonly #byController: string;
  /** Index of those that have none, by namespace. */
  readonly #orphans: string;

  constructor(options: OwnershipOptions<Owner, Owned>) {
    const { owners, owned } = options;
    this.#options = options;
    this.#byController = `${owners.kind.plural}: controller`;
    this.#orphans = `${owners.kind.plural}: orphans`;
    owned.addIndexes({
      [this.#byController]: (object) => [controllerOf(object)?.uid ?? ''],
      [this.#orphans]: (object) =>
        controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : [],
    });
  }

  /** Whose concern an object is: its controller's or, without one, everybody's who would take it in. */
  ownersOf(object: Owned): ObjectKey[] {
    const { owners } = this.#options;
    const { namespace = '' } = object.metadata;
    const controller = controllerOf(object);
    if (controller === undefined) {
      return owners
        .list(namespace)
        .filter((owner) => isSelected(owner, object))
        .map(keyOf);
    }
    const { apiVersion, kind, name } = controller;
    const isOurs = kind === owners.kind.kind && apiVersion.startsWith(`${owners.kind.group}/`);
    return isOurs ? [{ namespace, name }] : [];
  }

  /** Those that count: controlled, selected, not on their way out. As the cache knows it now. */
  membersOf(owner: Owner): Owned[] {
    return this.#controlledBy(owner).filter(
      (object) => !isDeleting(object) && isSelected(owner, object),
    );
  }

  /** Takes in and lets go. */
  async reconcile(context: Context, owner: Owner): Promise<void> {
    for (const object of this.#controlledBy(owner)) {
      if (!isDeleting(object) && !isSelected(owner, object)) {
        await this.#letGo(context, owner, object);
      }
    }
    const orphans = this.#options.owned
      .byIndex(this.#orphans, owner.metadata.namespace ?? '')
      .filter((object) => !isDeleting(object) && isSelected(owner, object));
    if (orphans.length === 0 || !(await this.isThere(context, owner))) return;
    for (const object of orphans) await this.#takeIn(context, owner, object);
  }

  /**
   * The API server's word: ask before the owner is given anything. A cache that does not know yet that it
   * is deleted shows its objects as nobody's (`--cascade=orphan`), or as fewer and fewer: it would get
   * them back, or others in their place, which the garbage collector takes away again, and so on.
   */
  async isThere({ signal }: Context, owner: Owner): Promise<boolean> {
    const { client, owners } = this.#options;
    const stored = await ifFound(client.get(owners.kind, keyOf(owner), { signal }));
    return (
      stored !== undefined && stored.metadata.uid === owner.metadata.uid && !isDeleting(stored)
    );
  }

  /** Whatever their labels. */
  #controlledBy({ metadata }: Owner): Owned[] {
    return this.#options.owned.byIndex(this.#byController, metadata.uid ?? '');
  }

  async #takeIn(context: Context, owner: Owner, object: Owned): Promise<void> {
    const { events, owned } = this.#options;
    const reference = controllerReference(owner);
    if (!(await this.#setOwners(context, object, (owners) => [...owners, reference]))) return;
    events.event(owner, 'Normal', 'Adopted', `Adopted ${owned.name} ${object.metadata.name}`);
  }

  async #letGo(context: Context, owner: Owner, object: Owned): Promise<void> {
    const { events, owned } = this.#options;
    const isAnother = ({ uid }: OwnerReference): boolean => uid !== owner.metadata.uid;
    if (!(await this.#setOwners(context, object, (owners) => owners.filter(isAnother)))) return;
    const why = 'its labels do not match the selector any more';
    events.event(
      owner,
      'Normal',
      'Released',
      `Released ${owned.name} ${object.metadata.name}: ${why}`,
    );
  }

  /** Whether it came to that: an object that has changed meanwhile comes back with its change. */
  async #setOwners(
    { signal }: Context,
    stored: Owned,
    change: (owners: OwnerReference[]) => OwnerReference[],
  ): Promise<boolean> {
    const { client, owned } = this.#options;
    const observe = (answer: Owned): void => owned.observe(answer);
    const draft = new Draft({ client, kind: owned.kind, stored, signal, observe });
    const { metadata } = draft.object;
    metadata.ownerReferences = change(metadata.ownerReferences ?? []);
    try {
      await draft.writeMain();
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error) || isInvalid(error)) return false;
      throw error;
    }
  }
}

function isSelected({ spec }: Selecting, { metadata }: KubernetesObject): boolean {
  return matchesSelector(spec?.selector, metadata.labels);
}

function isDeleting({ metadata }: KubernetesObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}
