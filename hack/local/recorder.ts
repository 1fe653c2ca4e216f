import { nodes, type Node } from '#api/core.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { Informer } from '#runtime/cache/informer.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';

/** A change of a Node's Ready condition, when it was seen. */
export interface Transition {
  /** Since the start of the hollow node. */
  seconds: number;
  ready: boolean;
  /** `KubeletReady`, `KubeletNotReady`, `NodeStatusUnknown`, … */
  reason: string;
}

/** What one run of the local cluster brought about: the shape of `--report`. */
export interface Report {
  machines: {
    namespace: string;
    name: string;
    phase: string | null;
    providerID: string | null;
    errorReason: string | null;
    errorMessage: string | null;
  }[];
  nodes: {
    name: string;
    providerID: string;
    capacity: Record<string, string>;
    labels: Record<string, string>;
    taints: { key: string; value?: string; effect: string }[];
    transitions: Transition[];
  }[];
}

interface NodeHistory {
  /** Milliseconds on the monotonic clock. */
  start: number;
  /** Of the Ready condition. */
  status: string | undefined;
  transitions: Transition[];
}

export interface RecorderOptions {
  client: Client;
  clock: Clock;
  log: Logger;
  /** When a hollow node's program started, on the monotonic clock; unknown for those run elsewhere. */
  startOf(node: string): number | undefined;
}

/** Watches Machines and hollow Nodes as any user could, and writes down what it sees. */
export class Recorder {
  readonly machines: Informer<Machine>;
  readonly #nodes: Informer<Node>;
  readonly #options: RecorderOptions;
  readonly #transitionHandlers: ((node: string, transition: Transition) => void)[] = [];
  readonly #histories = new Map<string, NodeHistory>();

  constructor(options: RecorderOptions) {
    const { client, clock, log } = options;
    this.#options = options;
    this.machines = new Informer<Machine>({ client, clock, log, kind: machines });
    this.#nodes = new Informer<Node>({ client, clock, log, kind: nodes });
    this.#nodes.addHandler(({ type, object }) => {
      if (isHollow(object) && type !== 'deleted') this.#see(object);
    });
  }

  onTransition(handler: (node: string, transition: Transition) => void): void {
    this.#transitionHandlers.push(handler);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.machines.run(signal), this.#nodes.run(signal)]);
  }

  /** The hollow Nodes that exist. */
  get nodes(): Node[] {
    return this.#nodes.list().filter(isHollow);
  }

  transitionsOf(node: string): readonly Transition[] {
    return this.#histories.get(node)?.transitions ?? [];
  }

  report(): Report {
    return {
      machines: this.machines.list().map(({ metadata, spec, status }) => ({
        namespace: metadata.namespace ?? '',
        name: metadata.name ?? '',
        phase: status?.phase ?? null,
        providerID: spec?.providerID ?? null,
        errorReason: status?.errorReason ?? null,
        errorMessage: status?.errorMessage ?? null,
      })),
      nodes: this.nodes.map(({ metadata, spec, status }) => ({
        name: metadata.name ?? '',
        providerID: spec?.providerID ?? '',
        capacity: status?.capacity ?? {},
        labels: metadata.labels ?? {},
        taints: (spec?.taints ?? []).map(({ key, value, effect }) => ({
          key,
          ...(value !== undefined && { value }),
          effect,
        })),
        transitions: [...this.transitionsOf(metadata.name ?? '')],
      })),
    };
  }

  #see(node: Node): void {
    const { name = '' } = node.metadata;
    const now = this.#options.clock.monotonic();
    const history = this.#histories.get(name) ?? {
      start: this.#options.startOf(name) ?? now,
      status: undefined,
      transitions: [],
    };
    this.#histories.set(name, history);
    const condition = node.status?.conditions?.find(({ type }) => type === 'Ready');
    if (condition === undefined || condition.status === history.status) return;
    history.status = condition.status;
    const transition = {
      seconds: Math.round(now - history.start) / 1000,
      ready: condition.status === 'True',
      reason: condition.reason ?? '',
    };
    history.transitions.push(transition);
    for (const handler of this.#transitionHandlers) handler(name, transition);
  }
}

/** Made by a kubemark, ours or another: by its provider ID. */
function isHollow(node: Node): boolean {
  return node.spec?.providerID?.startsWith('kubemark://') === true;
}
