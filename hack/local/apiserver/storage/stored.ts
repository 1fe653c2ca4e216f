import type { ApiObject } from '../object.ts';

/**
 * One version of an object. It never changes, so its JSON is made at most once and shared by every
 * get, list and watch that sends it.
 */
export class Stored {
  readonly object: ApiObject;
  /** `metadata.resourceVersion` as a number. */
  readonly version: number;
  #json: string | undefined;
  #converted: Map<string, Stored> | undefined;

  constructor(object: ApiObject, version: number) {
    this.object = object;
    this.version = version;
  }

  get json(): string {
    return (this.#json ??= JSON.stringify(this.object));
  }

  /** The same object under another version of its group (conversion strategy None). */
  as(apiVersion: string): Stored {
    if (this.object.apiVersion === apiVersion) return this;
    this.#converted ??= new Map();
    let converted = this.#converted.get(apiVersion);
    if (converted === undefined) {
      converted = new Stored({ ...this.object, apiVersion }, this.version);
      this.#converted.set(apiVersion, converted);
    }
    return converted;
  }

  /** The same state under a later version. */
  at(version: number): Stored {
    const metadata = { ...this.object.metadata, resourceVersion: String(version) };
    return new Stored({ ...this.object, metadata }, version);
  }

  /** Frees the derived forms of a version that only history still holds. */
  forget(): void {
    this.#json = undefined;
    this.#converted = undefined;
  }
}
