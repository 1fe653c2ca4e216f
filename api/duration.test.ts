import test from 'ava';
import { formatDuration, parseDuration } from './duration.ts';

const parsed: Record<string, number> = {
  '5s': 5000,
  '+5s': 5000,
  '0': 0,
  '+0': 0,
  '0s': 0,
  '300ms': 300,
  '1m30s': 90_000,
  '1.5h': 5_400_000,
  '1h2.5m': 3_750_000,
  '.5s': 500,
  '5.s': 5000,
  '1500us': 1.5,
  '1500µs': 1.5,
  '1500μs': 1.5,
  '2000000ns': 2,
  '1h1h': 7_200_000,
  '1.001s': 1001,
  '876000h': 876_000 * 3_600_000,
};

for (const [text, milliseconds] of Object.entries(parsed)) {
  test(`"${text}" is ${milliseconds} ms`, (t) => {
    t.is(parseDuration(text), milliseconds);
  });
}

for (const text of [
  '',
  '5',
  '5 sec',
  's',
  '.s',
  '-5s',
  '-0',
  '5S',
  '1d',
  '1e3s',
  '1m 30s',
  ' 5s',
  '5s\n',
  '1..5s',
  '0x5s',
  '٥s',
  '2562048h',
]) {
  test(`${JSON.stringify(text)} is not a duration`, (t) => {
    t.throws(() => parseDuration(text), {
      message: `${JSON.stringify(text)} is not a duration (want e.g. "5s", "1m30s")`,
    });
  });
}

test('100 KB of garbage is refused at once, in a short message', (t) => {
  for (const garbage of ['9', '1s', '.', '1m'].map((part) => part.repeat(50_000) + '!')) {
    const start = performance.now();
    const error = t.throws(() => parseDuration(garbage));
    t.true(error.message.length < 130, error.message);
    t.true(performance.now() - start < 250);
  }
});

const formatted: [number, string][] = [
  [0, '0s'],
  [5000, '5s'],
  [90_000, '1m30s'],
  [60_000, '1m0s'],
  [3_600_000, '1h0m0s'],
  [5_400_000, '1h30m0s'],
  [1500, '1.5s'],
  [300, '300ms'],
  [0.5, '500µs'],
  [0.000_001, '1ns'],
  [0.000_000_1, '0s'],
  [59_999, '59.999s'],
  [90_061_001, '25h1m1.001s'],
  [-1500, '-1.5s'],
];

for (const [milliseconds, text] of formatted) {
  test(`${milliseconds} ms is written ${text}`, (t) => {
    t.is(formatDuration(milliseconds), text);
  });
}

test('what is written is read back as the same duration', (t) => {
  for (const milliseconds of [1, 999, 1000, 61_001, 3_599_999, 86_400_000, 12_345_678.9]) {
    t.is(parseDuration(formatDuration(milliseconds)), milliseconds);
  }
});
