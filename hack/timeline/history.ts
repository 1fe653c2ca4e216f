/** Who was in which state when: pure. Times in milliseconds since 1970. */
import type { Node } from '#api/core.ts';
import { ConfigurationError } from '#api/configuration-error.ts';
import { faultAnnotation, parseInjection } from '#api/faults/injection.ts';
import { readFaults } from '#api/faults/read.ts';
import type { KubernetesObject } from '#api/meta.ts';

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

/** One machine of whatever kind, or a Node without one. */
export interface Lane {
  readonly name: string;
  readonly spans: Span[];
  readonly marks: Mark[];
  /** It is gone. */
  until?: number;
}

/** What happened to all, as it is told. */
export class History {
  /** By kind and name. */
  readonly #lanes = new Map<string, Lane>();
  readonly #nodes = new Map<string, State>();
  readonly #nodeOf = new Map<string, string>();
  readonly #machineOf = new Map<string, string>();
  /** The annotation of a lane's Node: a machine's is not there before it is brought about. */
  readonly #told = new Map<Lane, string>();

  /** In the order in which they came. Machines of two kinds can have one name: then they say their kinds. */
  get lanes(): readonly Lane[] {
    const names = Map.groupBy(this.#lanes.values(), ({ name }) => name);
    return Array.from(this.#lanes, ([key, lane]) =>
      names.get(lane.name)?.length === 1 ? lane : { ...lane, name: key },
    );
  }

  node(node: Node, isGone: boolean, now: number): void {
    const { name = '', annotations } = node.metadata;
    const state = stateOf(node);
    if (isGone) this.#nodes.delete(name);
    else this.#nodes.set(name, state);
    const machine = this.#machineOf.get(name);
    const lane = this.#lane(machine ?? nodeKey(name));
    if (machine === undefined) end(lane, isGone, now);
    if (machine === undefined || lane.spans.at(-1)?.state !== 'Deleting') {
      enter(lane, isGone ? 'NoNode' : state, now);
    }
    this.#mark(lane, isGone ? undefined : annotations?.[faultAnnotation], now);
  }

  /**
   * @param machine of any kind: another kind, another lane
   * @param nodeName undefined while nobody knows
   */
  machine(
    { apiVersion, kind, metadata }: KubernetesObject,
    nodeName: string | undefined,
    isGone: boolean,
    now: number,
  ): void {
    const name = `${metadata.namespace}/${metadata.name}`;
    const key = `${kind.toLowerCase()}.${apiVersion.split('/', 1)[0]}/${name}`;
    const lane = this.#lane(key, name);
    if (nodeName !== undefined && this.#nodeOf.get(key) !== nodeName) {
      this.#nodeOf.set(key, nodeName);
      this.#machineOf.set(nodeName, key);
      this.#takeOver(lane, nodeName);
    }
    end(lane, isGone, now);
    if (isGone) return enter(lane, 'NoNode', now);
    const known = nodeName === undefined ? undefined : this.#nodes.get(nodeName);
    enter(lane, metadata.deletionTimestamp === undefined ? (known ?? 'NoNode') : 'Deleting', now);
  }

  #lane(key: string, name = key): Lane {
    const lane = this.#lanes.get(key) ?? { name, spans: [], marks: [] };
    this.#lanes.set(key, lane);
    return lane;
  }

  #mark(lane: Lane, value: string | undefined, now: number): void {
    if (value === this.#told.get(lane)) return;
    if (value === undefined) return void this.#told.delete(lane);
    this.#told.set(lane, value);
    const text = faultIn(value);
    if (text !== undefined) lane.marks.push({ at: now, text });
  }

  /** What the Node was, and was told, while nobody knew whose it is. */
  #takeOver(lane: Lane, nodeName: string): void {
    const own = this.#lanes.get(nodeKey(nodeName));
    if (own === undefined) return;
    if (lane.spans.length === 0) lane.spans.push(...own.spans);
    lane.marks.push(...own.marks);
    const told = this.#told.get(own);
    if (told !== undefined) this.#told.set(lane, told);
    this.#told.delete(own);
    this.#lanes.delete(nodeKey(nodeName));
  }
}

/** What an annotation asks for; `undefined`: nothing comes of what nobody understands. */
function faultIn(value: string): string | undefined {
  try {
    const { text } = parseInjection(value);
    return readFaults(text, '', '').length > 0 ? text : undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

const nodeKey = (name: string): string => `node ${name}`;

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
