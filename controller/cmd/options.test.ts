import test from 'ava';
import { FlagError } from '#runtime/flags.ts';
import { parseOptions } from './options.ts';

const refused: [argument: string, flag: string, want: RegExp][] = [
  ['--pod-namespace=Pods', 'pod-namespace', /want the name of a namespace, e\.g\. "/],
  ['--pod-namespace=', 'pod-namespace', /want the name of a namespace/],
  ['--namespace=a/b', 'namespace', /want the name of a namespace/],
  [`--namespace=${'a'.repeat(64)}`, 'namespace', /want the name of a namespace/],
  ['--hollow-node-image=a b', 'hollow-node-image', /want an image reference/],
  ['--health-addr=nope', 'health-addr', /not an address to listen on \(want/],
  ['--metrics-addr=:65536', 'metrics-addr', /not an address to listen on \(want/],
  ['--sync-period=0', 'sync-period', /want a duration of at least 1s$/],
  ['--sync-period=soon', 'sync-period', /not a duration \(want/],
  ['--machine-concurrency=0', 'machine-concurrency', /want an integer from 1 to 1000$/],
  ['--leader-elect=maybe', 'leader-elect', /want true or false$/],
  ['--leader-elect-retry-period=0s', 'leader-elect-retry-period', /at least 10ms$/],
  ['--leader-elect-resource-name=', 'leader-elect-resource-name', /want the name of a Lease/],
  [
    '--leader-elect-lease-duration=10s',
    'leader-elect-lease-duration',
    /want more than --leader-elect-renew-deadline \(10s\)$/,
  ],
  [
    '--leader-elect-retry-period=9s',
    'leader-elect-renew-deadline',
    /want more than 1\.2 times --leader-elect-retry-period \(9s\)$/,
  ],
];

for (const [argument, flag, want] of refused) {
  test(`refuses ${argument.slice(0, 60)} in one line that says what is wanted`, (t) => {
    const error = t.throws(() => parseOptions([argument]), { instanceOf: FlagError });
    t.true(error.message.includes(`for "--${flag}" flag: `), error.message);
    t.regex(error.message, want);
    t.false(error.message.includes('\n'));
  });
}

test('takes the flags of the machine-api-operator for its election', (t) => {
  const options = parseOptions(['--leader-elect=true', '--leader-elect-lease-duration=120s']);
  t.like(options, { 'leader-elect': true, 'leader-elect-lease-duration': 120_000 });
});

test('takes an empty text where that means: all, or none', (t) => {
  const empty = ['--namespace=', '--hollow-node-image=', '--health-addr=', '--metrics-addr=0'];
  t.notThrows(() => parseOptions(empty));
});
