import test from 'ava';
import { ConfigurationError } from '../configuration-error.ts';
import { checkFaults } from './check.ts';
import { readCheckedFaults } from './checked.ts';
import { decodeFaults } from './decode.ts';

test('times become milliseconds, and what is absent gets its default', (t) => {
  const written = [
    { type: 'NotReady', after: '40s', duration: '5s', period: '1m', jitter: '10s' },
    { type: 'NotReady', message: 'PLEG is not healthy', freezesPods: false },
    { type: 'Condition', condition: { type: 'DiskPressure' }, jitter: '1s', seed: 7 },
    { type: 'APILatency', delay: '300ms' },
    { type: 'APIErrors', percent: 20 },
    { type: 'WrongProviderID', providerID: '' },
    { type: 'LateJoin', duration: '1m' },
  ];
  const faults = decodeFaults(checkFaults(written, 'spec.faults'), 'n1');
  t.deepEqual(readCheckedFaults(JSON.stringify(written), 'n1'), faults);
  t.deepEqual(faults, [
    {
      type: 'NotReady',
      after: 40_000,
      duration: 5_000,
      period: 60_000,
      jitter: 10_000,
      seed: 'n1/0',
      freezesPods: true,
    },
    { type: 'NotReady', after: 0, message: 'PLEG is not healthy', freezesPods: false },
    { type: 'Condition', after: 0, jitter: 1000, seed: '7', condition: { type: 'DiskPressure' } },
    { type: 'APILatency', after: 0, delay: 300, percent: 100 },
    { type: 'APIErrors', after: 0, code: 500, percent: 20 },
    { type: 'WrongProviderID', after: 0, providerID: '' },
    { type: 'LateJoin', after: 0, duration: 60_000 },
  ]);
});

for (const json of [
  'NotReady',
  '[',
  '{}',
  'null',
  '5',
  '[1]',
  '[null]',
  '[{}]',
  '[{"type":"Sleepy"}]',
]) {
  test(`${json} is not taken for checked faults`, (t) => {
    const message = /^this is not a list of checked faults/;
    t.throws(() => readCheckedFaults(json, 'n1'), { instanceOf: ConfigurationError, message });
  });
}
