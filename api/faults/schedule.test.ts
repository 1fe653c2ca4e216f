import test from 'ava';
import type { Fault } from './decode.ts';
import { fraction, stateAt, type FaultTimes } from './schedule.ts';

const isActive = (faults: readonly Fault[], time: number): boolean =>
  stateAt(faults, time).active.length > 0;

const day = 86_400_000;
const century = 36_525 * day;

/** The first changes of one fault: `[time, active from then on]`. */
function changesOf(times: FaultTimes, count: number): [number, boolean][] {
  const faults: Fault[] = [{ type: 'NotReady', ...times }];
  const changes: [number, boolean][] = [];
  for (let time = 0; changes.length < count && time < Number.POSITIVE_INFINITY;) {
    const state = stateAt(faults, time);
    changes.push([time, state.active.length > 0]);
    time = state.nextChange;
  }
  return changes;
}

const schedules: [string, FaultTimes, [number, boolean][]][] = [
  [
    'periodically: healthy 40, unhealthy 5',
    { after: 40, duration: 5, period: 45 },
    [
      [0, false],
      [40, true],
      [45, false],
      [85, true],
      [90, false],
      [130, true],
    ],
  ],
  [
    'for ever after 40',
    { after: 40 },
    [
      [0, false],
      [40, true],
    ],
  ],
  [
    'once, from 40 to 45',
    { after: 40, duration: 5 },
    [
      [0, false],
      [40, true],
      [45, false],
    ],
  ],
  ['from the start', { after: 0 }, [[0, true]]],
  ['never, without a duration of its own', { after: 40, duration: 0, period: 40 }, [[0, false]]],
  ['never, all zero', { after: 0, duration: 0, period: 0 }, [[0, false]]],
  ['always, without healthy time', { after: 0, duration: 5, period: 5 }, [[0, true]]],
  [
    'for ever, when the next onset comes before the end',
    { after: 40, duration: 10, period: 5 },
    [
      [0, false],
      [40, true],
    ],
  ],
  [
    'a century from now',
    { after: century, duration: day, period: 10 * century },
    [
      [0, false],
      [century, true],
      [century + day, false],
      [11 * century, true],
    ],
  ],
];

for (const [title, times, expected] of schedules) {
  test(title, (t) => {
    t.deepEqual(changesOf(times, expected.length + 1).slice(0, expected.length), expected);
    if (stateAt([{ type: 'NotReady', ...times }], 0).nextChange === Number.POSITIVE_INFINITY) {
      t.is(changesOf(times, 2).length, 1);
    }
  });
}

test('the millionth change is where the origin says, and each change leads to a later one', (t) => {
  const times = { after: 0.3, duration: 0.1, period: 0.7 };
  const changes = changesOf(times, 200_000);
  for (const [index, [time, active]] of changes.entries()) {
    t.is(active, index % 2 === 1);
    if (index > 0) t.true(time > (changes[index - 1]?.[0] ?? 0));
  }
  const [last = 0] = changes.at(-1) ?? [];
  t.true(Math.abs(last - (0.3 + 99_999 * 0.7)) < 1e-6, `${last}`);
});

test('a fault is active until the millisecond before it ends', (t) => {
  const faults: Fault[] = [{ type: 'NotReady', after: 40, duration: 5, period: 45 }];
  t.deepEqual(
    [39.999, 40, 44.999, 45, 84.999, 85].map((time) => isActive(faults, time)),
    [false, true, true, false, false, true],
  );
});

test('several faults keep their own times; the next change is the soonest', (t) => {
  const faults: Fault[] = [
    { type: 'NotReady', after: 10, duration: 20 },
    { type: 'Unreachable', after: 15, duration: 5, period: 50 },
    { type: 'Crash', after: 100 },
  ];
  const seen: [number, string[]][] = [];
  for (let time = 0; time < Number.POSITIVE_INFINITY && seen.length < 9;) {
    const state = stateAt(faults, time);
    seen.push([time, state.active.map((fault) => fault.type)]);
    time = state.nextChange;
  }
  t.deepEqual(seen.slice(0, 8), [
    [0, []],
    [10, ['NotReady']],
    [15, ['NotReady', 'Unreachable']],
    [20, ['NotReady']],
    [30, []],
    [65, ['Unreachable']],
    [70, []],
    [100, ['Crash']],
  ]);
});

test('no fault, no change', (t) => {
  t.deepEqual(stateAt([], 1234), { active: [], nextChange: Number.POSITIVE_INFINITY });
});

test('jitter moves each onset by its own part, the same for the same seed, and not the end of the period', (t) => {
  const times = { after: 100, duration: 5, period: 50, jitter: 20 };
  const onsets = (seed: string): number[] =>
    changesOf({ ...times, seed }, 2001)
      .filter(([, active]) => active)
      .map(([time], index) => time - 100 - index * 50);
  const shifts = onsets('n1');
  t.deepEqual(onsets('n1'), shifts);
  t.notDeepEqual(onsets('n2'), shifts);
  t.is(shifts.length, 1000);
  t.true(shifts.every((shift) => shift >= 0 && shift < 20));
  const mean = shifts.reduce((sum, shift) => sum + shift, 0) / 1000;
  t.true(Math.abs(mean - 10) < 0.6, `${mean}`);
  for (const [from, to] of changesOf({ ...times, seed: 'n1' }, 200)
    .slice(1)
    .map(([time], index, all) => [time, all[index + 1]?.[0] ?? time + 5] as const)
    .filter((_, index) => index % 2 === 0)) {
    t.true(Math.abs(to - from - 5) < 1e-9);
  }
});

test('random numbers are spread, also those of seeds and indices that are alike', (t) => {
  const buckets = Array.from({ length: 10 }, () => 0);
  for (let node = 0; node < 100; node++) {
    for (let index = 0; index < 100; index++) {
      const bucket = Math.floor(fraction(`node-${node}/0`, index) * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
  }
  t.true(
    buckets.every((count) => Math.abs(count - 1000) < 150),
    buckets.join(' '),
  );
});
