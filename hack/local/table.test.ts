import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { renderTable, timeline, type Row } from './table.ts';

const flapping: Row = {
  machine: 'default/flapping',
  phase: 'Running',
  node: 'flapping-1',
  age: 47_000,
  nextChange: 85_000,
  transitions: [
    { seconds: 0.1, ready: true, reason: 'KubeletReady' },
    { seconds: 40, ready: false, reason: 'KubeletNotReady' },
    { seconds: 45, ready: true, reason: 'KubeletReady' },
  ],
};
const failed: Row = {
  machine: 'default/bad',
  phase: 'Failed',
  node: '',
  transitions: [],
  message: 'spec.providerSpec.value.numCores: 0 is not a number of cores (want an integer)',
};

const plain = (rows: Row[], width: number): string[] =>
  renderTable(rows, width).map((line) => stripVTControlCharacters(line).trimEnd());

test('a wide terminal shows a minute', (t) => {
  t.deepEqual(plain([flapping], 140), [
    'MACHINE           PHASE    NODE        READY  NEXT CHANGE  LAST 60 S',
    `default/flapping  Running  flapping-1  True   38s          ${' '.repeat(13)}${'█'.repeat(39)}░░░░░███`,
  ]);
});

test('a narrow terminal shows fewer seconds, and no line is too long', (t) => {
  for (const width of [40, 80]) {
    for (const line of plain([flapping, failed], width)) t.true(line.length <= width, line);
  }
  t.regex(plain([flapping], 80)[0] ?? '', /NODE .* LAST 21 S$/);
  t.regex(plain([flapping], 60)[0] ?? '', /PHASE {4}READY .* LAST 13 S$/);
});

test('what is wrong with a machine stands below it, in whole words', (t) => {
  t.deepEqual(plain([failed], 60).slice(1), [
    'default/bad  Failed  -     -      -',
    '    spec.providerSpec.value.numCores: 0 is not a number of',
    '    cores (want an integer)',
  ]);
});

test('before a node was there its timeline is empty', (t) => {
  t.is(stripVTControlCharacters(timeline([], 0, 5)), '     ');
});

test('long names are shortened in the middle', (t) => {
  const machine = `default/${'x'.repeat(250)}-7`;
  const [, line = ''] = plain([{ ...flapping, machine }], 120);
  t.regex(line, /^default\/x{8}…x{13}-7 {2}Running {2}flapping-1 {2}True/);
});
