import type { FieldSelector, SelectableFields } from '../selectors/field.ts';
import { matchesFields, pinnedValue } from '../selectors/field.ts';
import type { LabelSelector } from '../selectors/label.ts';
import { matchesLabels } from '../selectors/label.ts';
import type { Change } from '../storage/history.ts';
import type { Store } from '../storage/store.ts';
import type { Stored } from '../storage/stored.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** What a list or watch is restricted to. */
export interface Selection {
  /** `''`: all namespaces. */
  readonly namespace: string;
  readonly labels: LabelSelector;
  readonly fields: FieldSelector;
}

export function isSelected(selection: Selection, { object }: Stored): boolean {
  const { namespace, labels, fields } = selection;
  if (namespace !== '' && object.metadata.namespace !== namespace) return false;
  return (
    (labels.length === 0 || matchesLabels(labels, object.metadata.labels)) &&
    (fields.length === 0 || matchesFields(fields, object))
  );
}

/** Receives the events of one watch. */
export interface Subscriber {
  readonly selection: Selection;
  send(type: EventType, stored: Stored): void;
}

const unindexed = '';

/**
 * Hands the changes of one resource to those watches that may want them.
 *
 * A watch that pins a field such as `spec.nodeName=x` is filed under that value, so a change costs
 * the same however many such watches there are.
 */
export class WatchHub<Watch extends Subscriber = Subscriber> {
  readonly #indexed: SelectableFields;
  readonly #subscribers = new Map<string, Set<Watch>>();

  /** `indexed`: the fields by which watches are filed, the most selective first. */
  constructor(store: Store, indexed: SelectableFields) {
    this.#indexed = indexed;
    store.onChange((change) => this.#dispatch(change));
  }

  /** All watches, for bookmarks and for faults that drop them. */
  *subscribers(): Generator<Watch> {
    for (const set of this.#subscribers.values()) yield* set;
  }

  /** Returns what ends the subscription. */
  subscribe(subscriber: Watch): () => void {
    const slot = this.#slotOf(subscriber.selection.fields);
    const set = this.#subscribers.get(slot) ?? new Set<Watch>();
    this.#subscribers.set(slot, set.add(subscriber));
    return () => {
      set.delete(subscriber);
      if (set.size === 0 && this.#subscribers.get(slot) === set) this.#subscribers.delete(slot);
    };
  }

  #slotOf(fields: FieldSelector): string {
    for (const field of Object.keys(this.#indexed)) {
      const value = pinnedValue(fields, field);
      if (value !== undefined) return `${field}=${value}`;
    }
    return unindexed;
  }

  #dispatch(change: Change): void {
    const slots = new Set([unindexed]);
    for (const [field, get] of Object.entries(this.#indexed)) {
      if (change.previous) slots.add(`${field}=${get(change.previous.object)}`);
      if (change.current) slots.add(`${field}=${get(change.current.object)}`);
    }
    for (const slot of slots) {
      for (const subscriber of this.#subscribers.get(slot) ?? []) deliver(subscriber, change);
    }
  }
}

/** Sends the event that this watch sees: leaving the selection is a deletion, entering it an addition. */
export function deliver(subscriber: Subscriber, change: Change): void {
  const { previous, current, final, version } = change;
  const was = previous !== undefined && isSelected(subscriber.selection, previous);
  const is = current !== undefined && isSelected(subscriber.selection, current);
  if (is) subscriber.send(was ? 'MODIFIED' : 'ADDED', current);
  else if (was) subscriber.send('DELETED', current === undefined ? final : previous.at(version));
}
