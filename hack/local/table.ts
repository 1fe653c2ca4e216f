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
  /** What the user has to change; on lines of its own. */
  message?: string;
}

const titles = ['MACHINE', 'PHASE', 'NODE', 'READY', 'NEXT CHANGE'];
const gap = '  ';
/** Seconds, one character each; as many as fit. */
const longestTimeline = 60;
const shortestTimeline = 10;

/** Rows under a header, columns aligned, the timeline in what is left of `width`. */
export function renderTable(rows: readonly Row[], width: number): string[] {
  const cells = [titles, ...rows.map(cellsOf)];
  const widths = titles.map((_, column) =>
    Math.max(...cells.map((row) => visibleLength(row[column] ?? ''))),
  );
  const used = widths.reduce((sum, each) => sum + each + gap.length, 0);
  const seconds = Math.min(longestTimeline, Math.max(shortestTimeline, width - used));
  const lineOf = (row: string[], last: string): string =>
    [...row.map((cell, column) => pad(cell, widths[column] ?? 0)), last].join(gap);

  return [
    lineOf(titles, `LAST ${seconds} S`),
    ...rows.flatMap((row) => [
      lineOf(cellsOf(row), timeline(row.transitions, row.age ?? 0, seconds)),
      ...(row.message === undefined ? [] : wrap(row.message, width - 4)),
    ]),
  ].map((line) => cut(line, width));
}

function cellsOf({ machine, phase, node, age, nextChange, transitions }: Row): string[] {
  const last = transitions.at(-1);
  const ready = last === undefined ? '-' : last.ready ? 'True' : 'False';
  const color = last === undefined ? 'dim' : last.ready ? 'green' : 'red';
  const remaining = (nextChange ?? Number.POSITIVE_INFINITY) - (age ?? 0);
  const next = Number.isFinite(remaining)
    ? formatDuration(Math.max(0, Math.ceil(remaining / 1000)) * 1000)
    : '-';
  return [machine, phase, node === '' ? '-' : node, styleText(color, ready), next];
}

/** One mark a second, the newest right: `█` Ready, `░` not, space before the node was there. */
export function timeline(transitions: readonly Transition[], age: number, seconds: number): string {
  const now = Math.floor(age / 1000);
  return Array.from({ length: seconds }, (_, index) => {
    const second = now - (seconds - 1 - index);
    const state = transitions.findLast((transition) => transition.seconds <= second);
    if (state === undefined) return ' ';
    return state.ready ? styleText('green', '█') : styleText('red', '░');
  }).join('');
}

/** Whole words, indented; a word that is too long is cut with its line. */
function wrap(message: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of message.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines.map((line) => styleText('red', `    ${line}`));
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - visibleLength(text));
}

const escape = '\u001B[';

/** Cuts what does not fit, so that a line stays a line; the codes of colours stay whole. */
function cut(text: string, width: number): string {
  let room = width;
  const parts = text.split(escape).map((part, index) => {
    const codeLength = index === 0 ? 0 : part.indexOf('m') + 1;
    const shown = part.slice(codeLength, codeLength + room);
    room -= shown.length;
    return part.slice(0, codeLength) + shown;
  });
  return parts.join(escape);
}
