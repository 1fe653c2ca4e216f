/** Who was in which state when: pure. Times in milliseconds since 1970. */
import type { Node } from '#api/core.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';

export type State = 'Ready' | 'NotReady' | 'Unknown' | 'NoNode' | 'Deleting';

/** A state, from then until the next one. */
export interface Span {
  readonly state: State;
  readonly from: number;
}

/** Something was injected. */
export interface Mark {
  readonly at: number;
  readonly text: string;
}

/** One Machine, or a Node without one. */
export interface Lane {
  readonly name: string;
  readonly spans: Span[];
  readonly marks: Mark[];
  /** It is gone. */
  until?: number;
}

/** What happened to all, as it is told. */
export class History {
  readonly #lanes = new Map<string, Lane>();
  readonly #nodes = new Map<string, State>();
  readonly #nodeOf = new Map<string, string>();
  readonly #machineOf = new Map<string, string>();
  /** The annotations of a lane's Machine and Node. */
  readonly #asked = new Map<string, { node?: string; machine?: string }>();

  /** In the order in which they came. */
  get lanes(): readonly Lane[] {
    return [...this.#lanes.values()];
  }

  node(node: Node, isGone: boolean, now: number): void {
    const { name = '', annotations } = node.metadata;
    const state = stateOf(node);
    if (isGone) this.#nodes.delete(name);
    else this.#nodes.set(name, state);
    const machine = this.#machineOf.get(name);
    const lane = this.#lane(machine ?? `node ${name}`);
    if (machine === undefined) end(lane, isGone, now);
    if (machine === undefined || lane.spans.at(-1)?.state !== 'Deleting') {
      enter(lane, isGone ? 'NoNode' : state, now);
    }
    this.#mark(lane, 'node', annotations?.[faultAnnotation], now);
  }

  machine({ metadata, status }: Machine, isGone: boolean, now: number): void {
    const key = `${metadata.namespace}/${metadata.name}`;
    const nodeName = status?.nodeRef?.name;
    if (nodeName !== undefined && this.#nodeOf.get(key) !== nodeName) {
      this.#nodeOf.set(key, nodeName);
      this.#machineOf.set(nodeName, key);
      this.#lanes.delete(`node ${nodeName}`); // it is the Machine's
    }
    const lane = this.#lane(key);
    end(lane, isGone, now);
    if (isGone) return enter(lane, 'NoNode', now);
    const known = nodeName === undefined ? undefined : this.#nodes.get(nodeName);
    enter(lane, metadata.deletionTimestamp === undefined ? (known ?? 'NoNode') : 'Deleting', now);
    this.#mark(lane, 'machine', metadata.annotations?.[faultAnnotation], now);
  }

  #lane(name: string): Lane {
    const lane = this.#lanes.get(name) ?? { name, spans: [], marks: [] };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** The Node has the Machine's text, with a time before it: one mark for both. */
  #mark(lane: Lane, source: 'node' | 'machine', value: string | undefined, now: number): void {
    const text = value?.replace(/^since \S+: /, '');
    const asked = this.#asked.get(lane.name) ?? {};
    const isNew = text !== undefined && text !== asked.node && text !== asked.machine;
    if (isNew) lane.marks.push({ at: now, text });
    this.#asked.set(lane.name, { ...asked, [source]: text });
  }
}

/** What was gone and is there again goes on. */
function end(lane: Lane, isGone: boolean, now: number): void {
  if (isGone) lane.until = now;
  else delete lane.until;
}

function enter(lane: Lane, state: State, from: number): void {
  if (lane.spans.at(-1)?.state !== state) lane.spans.push({ state, from });
}

function stateOf({ metadata, status }: Node): State {
  if (metadata.deletionTimestamp !== undefined) return 'Deleting';
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  if (ready === 'True') return 'Ready';
  return ready === 'False' ? 'NotReady' : 'Unknown';
}
