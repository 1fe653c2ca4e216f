/** The page in a browser, where there is one: it is not needed for anything else. */
import test from 'ava';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Lane } from './history.ts';
import { page } from './page.ts';
import { chromium, openPage } from './testing/browser.ts';

const from = Date.parse('2030-01-01T00:00:00Z');
const at = (seconds: number): number => from + seconds * 1000;

/** A machine that flaps, one that is replaced, its successor, a Node without a Machine. */
const lanes: readonly Lane[] = [
  {
    name: 'default/worker-1',
    spans: [
      { state: 'NoNode', from: at(0) },
      { state: 'Ready', from: at(4) },
      { state: 'NotReady', from: at(30) },
      { state: 'Ready', from: at(50) },
    ],
    marks: [{ at: at(30), text: 'NotReady for 20s' }],
  },
  {
    name: 'default/worker-2',
    spans: [
      { state: 'Ready', from: at(0) },
      { state: 'Unknown', from: at(55) },
      { state: 'Deleting', from: at(80) },
      { state: 'NoNode', from: at(90) },
    ],
    marks: [{ at: at(20), text: 'Unreachable' }],
    until: at(90),
  },
  {
    name: 'default/worker-3',
    spans: [
      { state: 'NoNode', from: at(82) },
      { state: 'Ready', from: at(88) },
    ],
    marks: [],
  },
  { name: 'node control-plane', spans: [{ state: 'Ready', from: at(0) }], marks: [] },
];

const shown = `JSON.stringify([...document.querySelectorAll('svg g:not(.ticks) rect')].map((rect) => {
  const { left, right, top } = rect.getBoundingClientRect();
  return { left, right, top, colour: getComputedStyle(rect).fill, title: rect.textContent };
}))`;

interface Bar {
  left: number;
  right: number;
  top: number;
  colour: string;
  title: string;
}

if (chromium === undefined) {
  test.skip('the page in a browser: skipped, there is no Chromium (Debian: chromium-headless-shell)', () => {});
} else {
  test('a browser draws each state where its times say, and asks nobody for anything', async (t) => {
    t.timeout(120_000);
    const folder = await mkdtemp(join(tmpdir(), 'page-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const file = join(folder, 'timeline.html');
    await writeFile(file, page(lanes, { from, to: at(120) }, false));
    const { evaluate, screenshot } = await openPage(t, pathToFileURL(file).href);
    const bars: Bar[] = JSON.parse(String(await evaluate(shown)));
    t.deepEqual(
      bars.map(({ title }) => title.split(' from', 1)[0]),
      [
        'default/worker-1: NoNode for 4.0 s',
        'default/worker-1: Ready for 26.0 s',
        'default/worker-1: NotReady for 20.0 s',
        'default/worker-1: Ready for 70.0 s',
        'default/worker-2: Ready for 55.0 s',
        'default/worker-2: Unknown for 25.0 s',
        'default/worker-2: Deleting for 10.0 s',
        'default/worker-3: NoNode for 6.0 s',
        'default/worker-3: Ready for 32.0 s',
        'node control-plane: Ready for 120.0 s',
      ],
    );
    const whole = bars.at(-1);
    const second = ((whole?.right ?? 0) - (whole?.left ?? 0)) / 120;
    t.true(second > 5, 'the picture takes the width of the window');
    const position = ({ left }: Bar): number => (left - (whole?.left ?? 0)) / second;
    const starts = [0, 4, 30, 50, 0, 55, 80, 82, 88, 0];
    for (const [index, bar] of bars.entries()) {
      t.true(Math.abs(position(bar) - (starts[index] ?? 0)) < 0.2, bar.title);
    }
    t.is(new Set(bars.map(({ colour }) => colour)).size, 5, 'a colour for each state');
    t.is(new Set(bars.map(({ top }) => Math.round(top))).size, lanes.length, 'a line for each');
    const labels = `[...document.querySelectorAll('text')].every((text) => {
      const { left, right } = text.getBoundingClientRect();
      return left >= 0 && right <= innerWidth;
    })`;
    t.is(await evaluate(labels), true, 'names and times are in the window');
    t.is(await evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
    t.is(await evaluate(`performance.getEntriesByType('resource').length`), 0);
    const picture = await screenshot();
    t.is(picture.subarray(1, 4).toString(), 'PNG');
    if (process.env['UPDATE_GOLDEN']) await writeFile('docs/timeline.png', picture);
  });
}
