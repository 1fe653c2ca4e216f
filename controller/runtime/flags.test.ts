import test from 'ava';
import {
  booleanFlag,
  durationFlag,
  FlagError,
  integerFlag,
  listFlag,
  mapFlag,
  parseFlags,
  stringFlag,
  withDefaults,
} from './flags.ts';
import { usage } from './flags-usage.ts';

const program = {
  name: 'example',
  description: 'Shows what flags can do.',
  flags: {
    'node-name': stringFlag({ default: 'fake', help: 'Name of the node' }),
    'dry-run': booleanFlag({ default: false, help: 'Change nothing' }),
    pods: integerFlag({ default: 110, min: 0, max: 250, help: 'Number of Pods' }),
    delay: durationFlag({ default: 10_000, help: 'How long to wait' }),
    for: durationFlag({ default: undefined, help: 'Ends after this `time`' }),
    apply: listFlag({ default: [], help: 'A `file` to apply' }),
    labels: mapFlag({ default: {}, help: 'Labels of the node' }),
    v: integerFlag({ default: 0, short: 'v', help: 'Verbosity' }),
    secret: stringFlag({ default: '', help: 'Not for everyone', hidden: true }),
  },
  aliases: { name: 'node-name', 'only-check': 'dry-run' },
  ignored: { boolean: ['logtostderr'], value: ['log-file'] },
};

type Values = Exclude<ReturnType<typeof parse>, 'help'>;
const parse = (...args: string[]) => parseFlags(program, args);

const defaults: Values = {
  'node-name': 'fake',
  'dry-run': false,
  pods: 110,
  delay: 10_000,
  for: undefined,
  apply: [],
  labels: {},
  v: 0,
  secret: '',
};

const understood: [string[], Partial<Values>][] = [
  [[], {}],
  [['--node-name=a'], { 'node-name': 'a' }],
  [['--node-name', 'a'], { 'node-name': 'a' }],
  [['--node_name', 'a_b'], { 'node-name': 'a_b' }],
  [['--name=a'], { 'node-name': 'a' }],
  [['--name', 'a', '--only-check'], { 'node-name': 'a', 'dry-run': true }],
  [['--node-name=a', '--name=b'], { 'node-name': 'b' }],
  [['--node_name=a_b=c'], { 'node-name': 'a_b=c' }],
  [['--node-name', '--dry_run'], { 'node-name': '--dry_run' }],
  [['--node-name='], { 'node-name': '' }],
  [['--node-name', ''], { 'node-name': '' }],
  [['--node-name=a', '--node-name=b'], { 'node-name': 'b' }],
  [['', '--dry-run', ''], { 'dry-run': true }],
  [['--dry-run=false'], { 'dry-run': false }],
  [['--dry-run=T'], { 'dry-run': true }],
  [['--pods=0'], { pods: 0 }],
  [['--delay', '1m30s', '--for=0'], { delay: 90_000, for: 0 }],
  [['--apply=a', '--apply', 'b,c'], { apply: ['a', 'b', 'c'] }],
  [['--labels=a=b, c=d=e', '--labels=f'], { labels: { a: 'b', c: 'd=e', f: '' } }],
  [['--labels='], { labels: {} }],
  [['-v', '4'], { v: 4 }],
  [['-v=4'], { v: 4 }],
  [['-v4'], { v: 4 }],
  [['--v=4'], { v: 4 }],
  [['--logtostderr', '--log-file', 'x', '--logtostderr=maybe', '--log_file=y'], {}],
  [['--'], {}],
];

for (const [args, expected] of understood) {
  test(`understands [${args.join(' ')}]`, (t) => {
    t.deepEqual(parse(...args), { ...defaults, ...expected });
  });
}

const refused: [string[], string][] = [
  [['--nope'], 'unknown flag: --nope'],
  [['--no_pe=1'], 'unknown flag: --no-pe'],
  [['--toString'], 'unknown flag: --toString'],
  [['--__proto__=1'], 'unknown flag: ----proto--'],
  [['-x'], `unknown shorthand flag: 'x' in -x`],
  [['--node-name'], 'flag needs an argument: --node-name'],
  [['-v'], `flag needs an argument: 'v' in -v`],
  [['--log-file'], 'flag needs an argument: --log-file'],
  [['--dry-run', 'true'], '"example" does not take any arguments, got "true"'],
  [['--', '--dry-run'], '"example" does not take any arguments, got "--dry-run"'],
  [['--dry-run=maybe'], 'invalid argument "maybe" for "--dry-run" flag: want true or false'],
  [['--pods=251'], 'invalid argument "251" for "--pods" flag: want an integer from 0 to 250'],
  [['--pods=1.5'], 'invalid argument "1.5" for "--pods" flag: want an integer'],
  [['-v=x'], 'invalid argument "x" for "-v, --v" flag: want an integer'],
  [
    ['--delay=5'],
    'invalid argument "5" for "--delay" flag: "5" is not a duration (want e.g. "5s", "1m30s")',
  ],
];

for (const [args, message] of refused) {
  test(`refuses [${args.join(' ')}]`, (t) => {
    t.throws(() => parse(...args), { instanceOf: FlagError, message });
  });
}

test('asks for help before a mistake, not after one', (t) => {
  t.is(parse('--help', '--nope'), 'help');
  t.is(parse('-h'), 'help');
  t.throws(() => parse('--nope', '--help'), { instanceOf: FlagError });
});

test('one occurrence does not change the default of a list or map', (t) => {
  parse('--apply=a', '--labels=a=b');
  t.deepEqual(parse(), defaults);
});

test('prints its usage as pflag does', (t) => {
  t.is(
    usage(program),
    `Shows what flags can do.

Usage:
  example [flags]

Flags:
      --apply file               A file to apply
      --delay duration           How long to wait (default 10s)
      --dry-run                  Change nothing
      --for time                 Ends after this time
  -h, --help                     help for example
      --labels mapStringString   Labels of the node
      --node-name string         Name of the node (default "fake")
      --pods int                 Number of Pods (default 110)
  -v, --v int                    Verbosity
`,
  );
});

test('a program can have other defaults, and still be told otherwise', (t) => {
  const variant = withDefaults(program, { pods: 5, for: undefined });
  t.deepEqual(parseFlags(variant, []), { ...defaults, pods: 5 });
  t.like(parseFlags(variant, ['--pods=6']), { pods: 6 });
  t.regex(usage(variant), /--pods int .*\(default 5\)/);
  t.like(parse(), { pods: 110 });
});
