import { apiVersionOf, type Kind } from '#api/kind.ts';
import { machineGroups, type MachineGroupName } from '#api/machine-groups.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type {
  Client,
  DeleteOptions,
  List,
  ListOptions,
  ObjectKey,
  PatchOptions,
  RequestOptions,
  Subresource,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '#runtime/client/client.ts';

const usual = machineGroups['machine.openshift.io'];

/**
 * A client that asks for Machines and MachineSets of another API group when it is asked for those of
 * `machine.openshift.io`: so a story need not know of which group it is.
 */
export class GroupClient implements Client {
  readonly #inner: Client;
  readonly #group: string;
  readonly #version: string;

  constructor(inner: Client, name: MachineGroupName) {
    const { group, version } = machineGroups[name].machines;
    this.#inner = inner;
    this.#group = group;
    this.#version = version;
  }

  get<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    more?: RequestOptions,
  ): Promise<T> {
    return this.#inner.get(this.#meant(kind), key, more);
  }

  list<T extends KubernetesObject>(kind: Kind<T>, more?: ListOptions): Promise<List<T>> {
    return this.#inner.list(this.#meant(kind), more);
  }

  watch<T extends KubernetesObject>(
    kind: Kind<T>,
    more: WatchOptions,
  ): AsyncIterable<WatchEvent<T>> {
    return this.#inner.watch(this.#meant(kind), more);
  }

  create<T extends KubernetesObject>(kind: Kind<T>, object: T, more?: RequestOptions): Promise<T> {
    const meant = this.#meant(kind);
    return this.#inner.create(meant, { ...object, apiVersion: apiVersionOf(meant) }, more);
  }

  createSubresource(
    kind: Kind,
    key: ObjectKey,
    subresource: Subresource,
    body: object,
    more?: RequestOptions,
  ): Promise<unknown> {
    return this.#inner.createSubresource(this.#meant(kind), key, subresource, body, more);
  }

  update<T extends KubernetesObject>(kind: Kind<T>, object: T, more?: WriteOptions): Promise<T> {
    return this.#inner.update(this.#meant(kind), object, more);
  }

  patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: object,
    more?: PatchOptions,
  ): Promise<T> {
    return this.#inner.patch(this.#meant(kind), key, patch, more);
  }

  delete(kind: Kind, key: ObjectKey, more?: DeleteOptions): Promise<boolean> {
    return this.#inner.delete(this.#meant(kind), key, more);
  }

  #meant<T extends KubernetesObject>(kind: Kind<T>): Kind<T> {
    const isOfGroup = [usual.machines, usual.machineSets].some(
      ({ group, plural }) => group === kind.group && plural === kind.plural,
    );
    return isOfGroup ? { ...kind, group: this.#group, version: this.#version } : kind;
  }
}
