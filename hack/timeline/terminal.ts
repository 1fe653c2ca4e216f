import type { Lane, State } from './history.ts';

const letters: Readonly<Record<State, string>> = {
  Ready: '█',
  NotReady: '▒',
  Unknown: '?',
  NoNode: '·',
  Deleting: '×',
};

/** What is left for time, however long the names are. */
const narrowest = 20;
/** An empty one, the legend, and the cursor's. */
const otherRows = 3;

export interface Screen {
  /** Characters of a line. */
  readonly columns: number;
  /** Lines; what does not fit is counted. */
  readonly rows: number;
}

/** One line for each lane, names and then time; `!` where something was injected. */
export function draw(
  lanes: readonly Lane[],
  { from, to, columns, rows }: { from: number; to: number } & Screen,
): string {
  const room = Math.max(1, rows - otherRows);
  const shown = lanes.length <= room ? lanes : lanes.slice(0, room - 1);
  const longest = Math.max(0, ...shown.map(({ name }) => name.length));
  const width = Math.max(narrowest, columns - longest - 1);
  const step = Math.max(1, (to - from) / width);
  const lines = shown.map((lane) => {
    const cells = Array.from({ length: width }, (_, index) => {
      const [start, end] = [from + index * step, from + (index + 1) * step];
      if (lane.marks.some(({ at }) => at >= start && at < end)) return '!';
      if (lane.until !== undefined && lane.until < end) return ' ';
      const span = lane.spans.findLast((one) => one.from < end);
      return span === undefined ? ' ' : letters[span.state];
    });
    return `${lane.name.padEnd(longest)} ${cells.join('')}`.trimEnd();
  });
  if (shown.length < lanes.length) lines.push(`… and ${lanes.length - shown.length} more`);
  const legend = Object.entries(letters).map(([state, letter]) => `${letter} ${state}`);
  const seconds = `${((to - from) / 1000).toFixed(0)} s`;
  return [...lines, '', `${[...legend, '! fault'].join('  ')}  (${seconds})`].join('\n');
}
