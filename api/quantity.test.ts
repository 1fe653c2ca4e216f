import test from 'ava';
import { formatBytes, parseQuantity, quantityValue } from './quantity.ts';

const whole: [string, bigint][] = [
  ['0', 0n],
  ['1', 1n],
  ['+1', 1n],
  ['-1', -1n],
  ['10Gi', 10_737_418_240n],
  ['3840Mi', 4_026_531_840n],
  ['4026531840', 4_026_531_840n],
  ['9223372036854775807', 9_223_372_036_854_775_807n],
  ['1k', 1000n],
  ['1M', 1_000_000n],
  ['1e3', 1000n],
  ['1E3', 1000n],
  ['1E', 10n ** 18n],
  ['1Ei', 1024n ** 6n],
  ['0.5Gi', 536_870_912n],
  ['.5Ki', 512n],
  ['5.', 5n],
  ['0.5', 1n],
  ['500m', 1n],
  ['1500m', 2n],
  ['-1500m', -2n],
  ['1e-1', 1n],
];

for (const [text, amount] of whole) {
  test(`"${text}" is ${amount} whole units`, (t) => {
    t.is(parseQuantity(text), amount);
  });
}

const values: [string, number][] = [
  ['2', 2],
  ['500m', 0.5],
  ['0.5', 0.5],
  ['1.5', 1.5],
  ['100n', 1e-7],
  ['250u', 0.000_25],
  ['10Gi', 10_737_418_240],
  ['-250m', -0.25],
  ['1e-12', 1e-9],
];

for (const [text, value] of values) {
  test(`"${text}" is ${value} as a number`, (t) => {
    t.is(quantityValue(text), value);
  });
}

for (const text of [
  '',
  '.',
  'Gi',
  '10GiB',
  '10 Gi',
  '1K',
  '1g',
  '0x10',
  '1e',
  '--1',
  '1,5',
  'NaN',
]) {
  test(`${JSON.stringify(text)} is not a quantity`, (t) => {
    const expected = {
      message: `${JSON.stringify(text)} is not a quantity (want e.g. "2", "500m", "10Gi")`,
    };
    t.throws(() => parseQuantity(text), expected);
    t.throws(() => quantityValue(text), expected);
  });
}

test('garbage of any length is refused at once, in a short message', (t) => {
  const error = t.throws(() => parseQuantity('9'.repeat(100_000)));
  t.true(error.message.length < 140, error.message);
});

const formatted: [bigint | number, string][] = [
  [0, '0'],
  [1000, '1000'],
  [1023, '1023'],
  [1024, '1Ki'],
  [1536, '1536'],
  [10_737_418_240, '10Gi'],
  [4_026_531_840, '3840Mi'],
  [1024n ** 6n * 2048n, '2048Ei'],
];

for (const [bytes, text] of formatted) {
  test(`${bytes} bytes are written ${text}`, (t) => {
    t.is(formatBytes(bytes), text);
    t.is(parseQuantity(text), BigInt(bytes));
  });
}
