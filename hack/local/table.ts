/** The live table of `make run` as text: pure. */
import { stripVTControlCharacters, styleText } from 'node:util';
import { formatDuration } from '#api/duration.ts';
import type { Transition } from './recorder.ts';

export interface Row {
  machine: string;
  phase: string;
  node: string;
  /** Milliseconds from the start of the node until it changes by itself; absent: it does not. */
  nextChange?: number;
  /** Milliseconds since the start of the node. */
  age?: number;
  transitions: readonly Transition[];
  message?: string;
}

/** One character of the timeline stands for this long. */
const timelineStep = 1;
const timelineLength = 60;

/** Rows under a header, columns aligned, cut to `width`. */
export function renderTable(rows: readonly Row[], width: number): string[] {
  const header = ['MACHINE', 'PHASE', 'NODE', 'READY', 'NEXT CHANGE', `LAST ${timelineLength} S`];
  const cells = [header, ...rows.map(cellsOf)];
  const widths = header.map((_, column) =>
    Math.max(...cells.map((row) => visibleLength(row[column] ?? ''))),
  );
  return cells.map((row) =>
    cut(row.map((cell, column) => pad(cell, widths[column] ?? 0)).join('  '), width),
  );
}

function cellsOf(row: Row): string[] {
  const { machine, phase, node, age, nextChange, transitions, message } = row;
  const last = transitions.at(-1);
  const ready = last === undefined ? '-' : last.ready ? 'True' : 'False';
  const next =
    nextChange === undefined || age === undefined || !Number.isFinite(nextChange)
      ? '-'
      : formatDuration(Math.max(0, Math.ceil((nextChange - age) / 1000)) * 1000);
  return [
    machine,
    phase,
    node === '' ? '-' : node,
    styleText(ready === 'True' ? 'green' : ready === 'False' ? 'red' : 'dim', ready),
    next,
    message ?? timeline(transitions, age ?? 0),
  ];
}

/** One mark a second, the newest right: `█` Ready, `░` not, space before the node was there. */
export function timeline(transitions: readonly Transition[], age: number): string {
  const seconds = Math.floor(age / 1000);
  const marks: string[] = [];
  for (let ago = timelineLength - timelineStep; ago >= 0; ago -= timelineStep) {
    const state = transitions.findLast((transition) => transition.seconds <= seconds - ago);
    marks.push(
      state === undefined ? ' ' : state.ready ? styleText('green', '█') : styleText('red', '░'),
    );
  }
  return marks.join('');
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - visibleLength(text));
}

/** Cuts what does not fit, so that a line stays a line. */
function cut(text: string, width: number): string {
  if (visibleLength(text) <= width) return text;
  let visible = 0;
  let result = '';
  // eslint-disable-next-line no-control-regex
  for (const [part] of text.matchAll(/\u001B\[[\d;]*m|./gu)) {
    if (part.startsWith('\u001B')) result += part;
    else if (visible++ < width) result += part;
  }
  return result;
}
