import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { stateAt } from '#api/faults/schedule.ts';
import type { InformerEvent } from '#runtime/cache/informer.ts';
import type { Clock, Timer } from '#runtime/clock.ts';
import type { RunningHollowNode } from './programs.ts';
import type { Recorder, Transition } from './recorder.ts';
import { renderTable, type Row } from './table.ts';

export interface DisplayOptions {
  clock: Clock;
  output: NodeJS.WriteStream;
  recorder: Recorder;
  hollowNodes: ReadonlyMap<string, RunningHollowNode>;
}

const refreshPeriod = 500;

const clearScreen = '\u001B[2J\u001B[H';

/** Shows a run to a person: a table that is redrawn on a terminal, a line per change elsewhere. */
export class Display {
  readonly #options: DisplayOptions;
  readonly #start: number;
  #timer: Timer | undefined;
  /** Lines of the table on the screen. */
  #drawn = 0;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#start = options.clock.monotonic();
  }

  start(cluster: { url: string; timeline?: string; kubeconfig: string; applied: number }): void {
    const { output, recorder } = this.#options;
    const { url, timeline, kubeconfig, applied } = cluster;
    const header = [
      `API server  ${url}`,
      ...(timeline === undefined ? [] : [`Timeline    ${timeline}`]),
      `Applied     ${applied} ${applied === 1 ? 'object' : 'objects'}. Ctrl-C ends everything.`,
      '',
      `kubectl --kubeconfig=${kubeconfig} get machines,nodes`,
      '',
      '',
    ].join('\n');
    output.write(header);
    if (output.isTTY) {
      // The terminal has broken the lines anew: nobody knows where the table is.
      output.on('resize', () => {
        output.write(`${clearScreen}${header}`);
        this.#drawn = 0;
        this.#draw();
      });
      this.#redraw();
      return;
    }
    recorder.machines.addHandler((event) => this.#printPhase(event));
    recorder.onTransition((node, transition) => this.#printTransition(node, transition));
  }

  stop(): void {
    this.#timer?.cancel();
    if (this.#options.output.isTTY) this.#draw();
  }

  #redraw(): void {
    this.#draw();
    this.#timer = this.#options.clock.setTimeout(() => this.#redraw(), refreshPeriod);
  }

  #draw(): void {
    const { output } = this.#options;
    // One line less than the screen has: a table that scrolls cannot be redrawn.
    const room = Math.max(2, (output.rows || 24) - 1);
    const lines = renderTable(this.#rows(), output.columns || 80);
    const shown = lines.length <= room ? lines : lines.slice(0, room - 1);
    if (shown.length < lines.length) shown.push(`… and ${lines.length - shown.length} more`);
    const up = this.#drawn > 0 ? `\u001B[${this.#drawn}A` : '';
    output.write(`${up}\r\u001B[J${shown.join('\n')}\n`);
    this.#drawn = shown.length;
  }

  #rows(): Row[] {
    return this.#options.recorder.machines
      .list()
      .toSorted((one, other) => (titleOf(one) < titleOf(other) ? -1 : 1))
      .map((machine) => this.#rowOf(machine));
  }

  #rowOf(machine: Machine): Row {
    const { hollowNodes, clock, recorder } = this.#options;
    const { phase = 'Pending', nodeRef, errorMessage } = machine.status ?? {};
    const node = nodeRef?.name ?? '';
    const running = hollowNodes.get(node);
    const age = running && clock.monotonic() - running.startedAt;
    return {
      machine: titleOf(machine),
      phase,
      node,
      transitions: recorder.transitionsOf(node),
      ...(running &&
        age !== undefined && { age, nextChange: stateAt(running.options.faults, age).nextChange }),
      ...(errorMessage !== undefined && { message: errorMessage }),
    };
  }

  #printPhase(event: InformerEvent<Machine>): void {
    const { object, type } = event;
    const before = event.type === 'updated' ? event.old.status?.phase : undefined;
    const phase = type === 'deleted' ? 'gone' : object.status?.phase;
    if (phase === undefined || phase === before) return;
    const { errorMessage } = object.status ?? {};
    const why = phase === 'Failed' && errorMessage !== undefined ? `: ${errorMessage}` : '';
    this.#print(`machine ${titleOf(object)} ${phase}${why}`);
  }

  #printTransition(node: string, { seconds, ready, reason }: Transition): void {
    const state = ready ? 'Ready' : 'NotReady';
    this.#print(`node ${node} ${state} (${reason}) ${seconds.toFixed(1)} s after its start`);
  }

  #print(line: string): void {
    const { clock, output } = this.#options;
    const seconds = ((clock.monotonic() - this.#start) / 1000).toFixed(1);
    output.write(`${seconds.padStart(7)} s  ${line}\n`);
  }
}

function titleOf({ metadata }: Machine): string {
  return `${metadata.namespace}/${metadata.name}`;
}
