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

const gap = '  ';
/** Seconds, one character each; as many as fit. */
const longestTimeline = 60;
const shortestTimeline = 10;

interface Column {
  title: string;
  /** Left out where it would leave no room for a timeline. */
  isOptional?: boolean;
  readonly cellOf: (row: Row) => string;
}

const longestName = 32;

const columns: Column[] = [
  { title: 'MACHINE', cellOf: ({ machine }) => shorten(machine) },
  { title: 'PHASE', cellOf: ({ phase }) => phase },
  { title: 'NODE', isOptional: true, cellOf: ({ node }) => shorten(node) || '-' },
  { title: 'READY', cellOf: ready },
  { title: 'NEXT CHANGE', cellOf: nextChange },
];

/** Rows under a header, columns aligned, the timeline in what is left of `width`. */
export function renderTable(rows: readonly Row[], width: number): string[] {
  const needed = columns.filter(({ isOptional }) => !isOptional);
  const isWide = width - visibleLength(align(columns, rows)[0] ?? '') >= shortestTimeline;
  const [header = '', ...lines] = align(isWide ? columns : needed, rows);
  const room = Math.max(shortestTimeline, width - visibleLength(header));
  const seconds = Math.min(longestTimeline, room);
  return [
    `${header}LAST ${seconds} S`,
    ...rows.flatMap(({ transitions, age = 0, message }, index) => [
      `${lines[index]}${timeline(transitions, age, seconds)}`,
      ...(message === undefined ? [] : wrap(message, width - 4)),
    ]),
  ].map((line) => cut(line, width));
}

/** The header and a line per row, all of one length. */
function align(shown: readonly Column[], rows: readonly Row[]): string[] {
  const cells = [
    shown.map(({ title }) => title),
    ...rows.map((row) => shown.map(({ cellOf }) => cellOf(row))),
  ];
  const widths = shown.map((_, column) =>
    Math.max(...cells.map((line) => visibleLength(line[column] ?? ''))),
  );
  return cells.map((line) =>
    line.map((cell, column) => pad(cell, widths[column] ?? 0) + gap).join(''),
  );
}

/** What tells names apart is often at their end. */
function shorten(name: string): string {
  if (name.length <= longestName) return name;
  const half = longestName / 2;
  return `${name.slice(0, half)}…${name.slice(1 - half)}`;
}

function ready({ transitions }: Row): string {
  const last = transitions.at(-1);
  if (last === undefined) return '-';
  return last.ready ? styleText('green', 'True') : styleText('red', 'False');
}

function nextChange({ nextChange: change = Number.POSITIVE_INFINITY, age = 0 }: Row): string {
  if (!Number.isFinite(change)) return '-';
  const seconds = Math.max(0, Math.ceil((change - age) / 1000));
  return formatDuration(seconds * 1000);
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
