import test from 'ava';
import { ConfigurationError } from '../configuration-error.ts';
import { checkFaults } from './check.ts';
import { parseFaultText } from './text.ts';

const check = (written: unknown) => checkFaults(written, 'spec.faults');

const wrong: [string, unknown, string][] = [
  ['no list', {}, 'spec.faults: {} is not a list of faults'],
  ['no object', ['NotReady'], 'spec.faults[0]: "NotReady" is not a fault (want an object)'],
  [
    'an unknown type',
    [{ type: 'Sleepy' }],
    'spec.faults[0].type: "Sleepy" is not a type of fault (want NotReady, Unreachable, Condition, Crash, NeverJoin, LateJoin, WrongProviderID, SlowHeartbeat, APILatency, APIErrors)',
  ],
  [
    'a duration that is none',
    [{ type: 'Crash' }, { type: 'Crash', after: '5' }],
    'spec.faults[1].after: "5" is not a duration (want e.g. "5s", "1m30s")',
  ],
  [
    'a share above all',
    [{ type: 'APIErrors', percent: 101 }],
    'spec.faults[0].percent: 101 is not a number that fits (want an integer from 0 to 100)',
  ],
  [
    'a field of another type',
    [{ type: 'Unreachable', percent: 5 }],
    'spec.faults[0].percent: not for Unreachable (want APILatency or APIErrors)',
  ],
  [
    'a field of none',
    [{ type: 'Crash', lenght: '5s' }],
    'spec.faults[0].lenght: there is no such field (want type, after, duration, period, jitter, seed)',
  ],
  [
    'a condition that is none',
    [{ type: 'Condition', condition: 'DiskPressure' }],
    'spec.faults[0].condition: "DiskPressure" is not a condition (want e.g. {"type": "MemoryPressure"})',
  ],
  [
    'a field that no condition has',
    [{ type: 'Condition', condition: { type: 'Ready', stauts: 'False' } }],
    'spec.faults[0].condition.stauts: there is no such field (want type, status, reason, message)',
  ],
  [
    'a field that is missing',
    [{ type: 'LateJoin' }, { type: 'Condition' }],
    'spec.faults[0].duration: nothing found, and LateJoin has no default for it (want e.g. "5s", "1m30s"); spec.faults[1].condition: nothing found, and Condition has no default for it (want e.g. {"type": "MemoryPressure"})',
  ],
  [
    'more jitter than there is room',
    [{ type: 'Crash', duration: '5s', period: '10s', jitter: '6s' }],
    'spec.faults[0].jitter: "6s" is more than period leaves beside duration (want at most 5s)',
  ],
];

for (const [title, written, message] of wrong) {
  test(`${title} is refused`, (t) => {
    t.throws(() => check(written), { instanceOf: ConfigurationError, message });
  });
}

const texts: [string, unknown[]][] = [
  ['NotReady for 30s', [{ type: 'NotReady', duration: '30s' }]],
  [
    'NotReady after 40s for 5s every 45s jitter 2s seed 7; Crash after 10m;',
    [
      { type: 'NotReady', after: '40s', duration: '5s', period: '45s', jitter: '2s', seed: 7 },
      { type: 'Crash', after: '10m' },
    ],
  ],
  [
    'Condition MemoryPressure status=Unknown for 1m',
    [
      {
        type: 'Condition',
        duration: '1m',
        condition: { type: 'MemoryPressure', status: 'Unknown' },
      },
    ],
  ],
  [
    ' APIErrors 20% code=503\n for 5s',
    [{ type: 'APIErrors', percent: 20, code: 503, duration: '5s' }],
  ],
  ['NotReady freezesPods=false', [{ type: 'NotReady', freezesPods: false }]],
  ['WrongProviderID providerID=', [{ type: 'WrongProviderID', providerID: '' }]],
  ['{"type":"Unreachable","after":"5s"}', [{ type: 'Unreachable', after: '5s' }]],
  ['[{"type":"Unreachable"}]', [{ type: 'Unreachable' }]],
  ['', []],
];

for (const [text, expected] of texts) {
  test(`${JSON.stringify(text)} is understood`, (t) => {
    t.deepEqual(parseFaultText(text), expected);
    t.deepEqual(check(parseFaultText(text)), expected);
  });
}

const refused = [
  'NotReady soon',
  'NotReady for',
  'NotReady for ever',
  'NotReady toString 5s',
  'NotReady __proto__=1',
  'NotReady after 5s for 1s after 6s',
  'APIErrors 50% percent=60',
  'Condition DiskPressure MemoryPressure',
  'Condition DiskPressure message="no space"',
  '{',
  'Condition',
];

for (const text of refused) {
  test(`${JSON.stringify(text)} is refused`, (t) => {
    t.throws(() => check(parseFaultText(text)), { instanceOf: ConfigurationError });
  });
}
