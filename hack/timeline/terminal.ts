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
/** An empty one, and the cursor's. */
const otherRows = 2;

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
  const legend = legendOf(((to - from) / 1000).toFixed(0));
  const room = Math.max(1, rows - otherRows - Math.ceil(legend.length / columns));
  const shown = lanes.length <= room ? lanes : lanes.slice(0, room - 1);
  const longestShown = Math.max(1, columns - narrowest - 1);
  const longest = Math.min(longestShown, Math.max(0, ...shown.map(({ name }) => name.length)));
  const width = Math.max(narrowest, columns - longest - 1);
  const step = Math.max(1, (to - from) / width);
  const lines = shown.map((lane) => {
    const cells = Array.from({ length: width }, (_, index) => {
      const [start, end] = [from + index * step, from + (index + 1) * step];
      if (lane.marks.some(({ at }) => at >= start && at < end)) return '!';
      if (lane.until !== undefined && lane.until < end) return ' ';
      const state = stateIn(lane, start, end);
      return state === undefined ? ' ' : letters[state];
    });
    return `${fitted(lane.name, longest)} ${cells.join('')}`.trimEnd();
  });
  if (shown.length < lanes.length) lines.push(`… and ${lanes.length - shown.length} more`);
  return [...lines, '', legend].join('\n');
}

/** Of several the last that is not Ready: what lasts for less than a character is what people look for. */
function stateIn({ spans }: Lane, start: number, end: number): State | undefined {
  const within = spans.filter(({ from }, index) => {
    const until = spans[index + 1]?.from ?? Infinity;
    return from < end && until > start;
  });
  return (within.findLast(({ state }) => state !== 'Ready') ?? within.at(-1))?.state;
}

function legendOf(seconds: string): string {
  const states = Object.entries(letters).map(([state, letter]) => `${letter} ${state}`);
  return `${[...states, '! fault'].join('  ')}  (${seconds} s)`;
}

/** Names of one set differ at the end. */
function fitted(name: string, length: number): string {
  return name.length <= length ? name.padEnd(length) : `…${name.slice(name.length - length + 1)}`;
}
