import test from 'ava';
import type { Fault, FaultTimes } from './faults.ts';
import { hasFault, stateAt } from './faults.ts';

const day = 86_400_000;
const century = 36_525 * day;

/** The first changes of one fault: `[time, active from then on]`. */
function changesOf(times: FaultTimes, count: number): [number, boolean][] {
  const faults: Fault[] = [{ type: 'NotReady', ...times }];
  const changes: [number, boolean][] = [];
  for (let time = 0; changes.length < count && time < Number.POSITIVE_INFINITY;) {
    const state = stateAt(faults, time);
    changes.push([time, hasFault(state, 'NotReady')]);
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
  const active = (time: number): boolean => hasFault(stateAt(faults, time), 'NotReady');
  t.deepEqual(
    [39.999, 40, 44.999, 45, 84.999, 85].map((time) => active(time)),
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
