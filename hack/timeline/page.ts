import type { Lane, State } from './history.ts';

const colours: Readonly<Record<State, string>> = {
  Ready: '#2e8b57',
  NotReady: '#d9822b',
  Unknown: '#8a8f98',
  NoNode: '#d8dbe0',
  Deleting: '#b03a48',
};

const rowHeight = 22;
const width = 1000;
/** Of a letter, on average and a bit more. */
const letterWidth = 6.2;
const narrowestNames = 190;

/** The timeline as one HTML file that needs nothing else, not even scripts. */
export function page(
  lanes: readonly Lane[],
  { from, to }: { from: number; to: number },
  /** It is still watching: the page loads itself again each second. */
  isLive: boolean,
): string {
  const scale = (time: number): number => ((time - from) / Math.max(1, to - from)) * width;
  const rows = lanes.map((lane, index) => row(lane, index, to, scale));
  const height = lanes.length * rowHeight + 30;
  const longest = Math.max(0, ...lanes.map(({ name }) => name.length));
  const names = Math.max(narrowestNames, Math.ceil(longest * letterWidth));
  const ticks = tickTimes(from, to).map(
    (time) =>
      `<g transform="translate(${scale(time).toFixed(1)} 0)"><line y2="${height - 30}"/><text y="${height - 12}">${timeText(time)}</text></g>`,
  );
  const legend = Object.entries(colours).map(
    ([state, colour]) => `<span><i style="background:${colour}"></i>${state}</span>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Machines and Nodes</title>${isLive ? '<meta http-equiv="refresh" content="1">' : ''}
<style>
body{font:14px system-ui,sans-serif;margin:24px;color:#1c1f24;background:#fff}
svg{width:100%;overflow:visible}svg text{font-size:11px;fill:#4a4f57}.ticks line{stroke:#e6e8eb}
svg .mark{text-anchor:middle;font-size:14px;fill:#1c1f24;stroke:#fff;stroke-width:3px;paint-order:stroke}
span{margin-right:18px}i{display:inline-block;width:12px;height:12px;margin-right:6px;border-radius:2px}
@media(prefers-color-scheme:dark){body{background:#15171a;color:#e6e8eb}svg text{fill:#b5bac2}.ticks line{stroke:#2b2f35}}
</style></head><body><h1>Machines and Nodes</h1><p>${legend.join('')}<span>◆ a fault is injected</span></p>
<svg viewBox="${-names} 0 ${names + width + 60} ${height}" role="img" aria-label="Who was in which state when">
<g class="ticks">${ticks.join('')}</g>
${rows.join('\n')}
</svg></body></html>
`;
}

function row(lane: Lane, index: number, to: number, scale: (time: number) => number): string {
  const end = lane.until ?? to;
  const bars = lane.spans.map(({ state, from }, position) => {
    if (from >= end) return ''; // it is gone since
    const until = lane.spans[position + 1]?.from ?? end;
    const size = Math.max(0.5, scale(until) - scale(from)).toFixed(1);
    const seconds = ((until - from) / 1000).toFixed(1);
    return `<rect x="${scale(from).toFixed(1)}" width="${size}" height="14" fill="${colours[state]}"><title>${escape(lane.name)}: ${state} for ${seconds} s from ${new Date(from).toISOString()}</title></rect>`;
  });
  const marks = lane.marks.map(
    ({ at, text }) =>
      `<text x="${scale(at).toFixed(1)}" y="12" class="mark">◆<title>${escape(text)} at ${new Date(at).toISOString()}</title></text>`,
  );
  return `<g transform="translate(0 ${index * rowHeight})"><text x="-8" y="11" text-anchor="end">${escape(lane.name)}</text>${bars.join('')}${marks.join('')}</g>`;
}

const steps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400];

/** Round times, ten at most. */
function tickTimes(from: number, to: number): number[] {
  const step = (steps.find((seconds) => (to - from) / 1000 / seconds <= 10) ?? 86_400) * 1000;
  const times: number[] = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) times.push(time);
  return times;
}

/** In UTC, and says so: logs that it is laid beside may be in another zone. Midnight is a day. */
function timeText(time: number): string {
  const text = new Date(time).toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : `${text.slice(11, 19)}Z`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
