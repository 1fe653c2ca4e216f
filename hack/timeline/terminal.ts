import type { Lane, State } from './history.ts';

const letters: Readonly<Record<State, string>> = {
  Ready: '█',
  NotReady: '▒',
  Unknown: '?',
  NoNode: '·',
  Deleting: '×',
};

/** One line for each lane, the last `width` characters of time; `!` where something was injected. */
export function draw(
  lanes: readonly Lane[],
  { from, to, width }: { from: number; to: number; width: number },
): string {
  const longest = Math.max(0, ...lanes.map(({ name }) => name.length));
  const step = Math.max(1, (to - from) / width);
  const lines = lanes.map((lane) => {
    const cells = Array.from({ length: width }, (_, index) => {
      const [start, end] = [from + index * step, from + (index + 1) * step];
      if (lane.marks.some(({ at }) => at >= start && at < end)) return '!';
      if (lane.until !== undefined && lane.until < end) return ' ';
      const span = lane.spans.findLast((one) => one.from < end);
      return span === undefined ? ' ' : letters[span.state];
    });
    return `${lane.name.padEnd(longest)} ${cells.join('')}`.trimEnd();
  });
  const legend = Object.entries(letters).map(([state, letter]) => `${letter} ${state}`);
  const seconds = `${((to - from) / 1000).toFixed(0)} s`;
  return [...lines, '', `${[...legend, '! fault'].join('  ')}  (${seconds})`].join('\n');
}
