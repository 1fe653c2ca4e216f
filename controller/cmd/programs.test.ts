import test from 'ava';
import { FlagError } from '#runtime/flags.ts';
import { parseOptions } from './options.ts';
import { programCalled, programs } from './programs.ts';

/** As today's machine-api-operator starts its controllers. */
const common = [
  '--logtostderr=true',
  '--v=3',
  '--leader-elect=true',
  '--leader-elect-lease-duration=120s',
  '--namespace=openshift-machine-api',
];
const gates = '--feature-gates=MachineAPIMigration=false,VSphereMixedNodeEnv=true';
const tls = ['--tls-cipher-suites=TLS_AES_128_GCM_SHA256', '--tls-min-version=VersionTLS12'];

const understood = {
  v: 3,
  'leader-elect': true,
  'leader-elect-lease-duration': 120_000,
  namespace: 'openshift-machine-api',
};

const started: [path: string, args: string[], expected: object][] = [
  [
    '/machine-controller-manager',
    [gates],
    {
      controllers: ['machine', 'orphannode', 'faultinjection'],
      'health-addr': ':9440',
      'metrics-addr': ':8081',
      'leader-elect-resource-name': 'cluster-api-provider-kubemark-leader',
    },
  ],
  [
    '/machineset-controller',
    [gates, ...tls],
    {
      controllers: ['machineset'],
      'health-addr': ':9441',
      'metrics-addr': ':8082',
      'leader-elect-resource-name': 'cluster-api-provider-machineset-leader',
    },
  ],
  [
    '/nodelink-controller',
    [],
    {
      controllers: ['nodelink'],
      'health-addr': '0',
      'metrics-addr': '0',
      'leader-elect-resource-name': 'cluster-api-provider-nodelink-leader',
    },
  ],
  [
    '/machine-healthcheck',
    [],
    {
      controllers: ['machinehealthcheck'],
      'health-addr': ':9442',
      'metrics-addr': ':8083',
      'leader-elect-resource-name': 'cluster-api-provider-healthcheck-leader',
    },
  ],
];

for (const [path, args, expected] of started) {
  test(`the machine-api-operator starts ${path}, with its ports and its Lease`, (t) => {
    const program = programCalled(path);
    t.is(`/${program.name}`, path);
    t.like(parseOptions([...common, ...args], program), { ...understood, ...expected });
    t.notThrows(() => parseOptions(['--leader-elect'], program), 'by its own defaults, too');
  });
}

test('called by any other name it is the manager', (t) => {
  for (const path of ['/app/controller/cmd/manager.ts', 'manager', '', '/usr/bin/node']) {
    t.is(programCalled(path).name, 'manager');
    t.like(parseOptions([], programCalled(path)), { controllers: ['*'] });
  }
});

test('no two programs share a port or a Lease, being in one Pod', (t) => {
  const others = programs.slice(1).map(({ flags }) => flags);
  const taken = others.flatMap((flags) => [
    flags['health-addr'].default,
    flags['metrics-addr'].default,
    flags['leader-elect-resource-name'].default,
  ]);
  const used = taken.filter((address) => address !== '0');
  t.is(new Set(used).size, used.length);
});

test('controllers may be chosen by flag as well', (t) => {
  const options = parseOptions(['--controllers=nodelink'], programCalled('/machineset-controller'));
  t.like(options, { controllers: ['nodelink'] });
});

test("the metrics' address has the name that controller-runtime gives it, too", (t) => {
  t.like(parseOptions(['--metrics-bind-address=:1']), { 'metrics-addr': ':1' });
  t.throws(() => parseOptions(['--metrics-bind-address=x']), {
    instanceOf: FlagError,
    message: /for "--metrics-bind-address" flag: "x" is not an address/,
  });
});

const refused: [argument: string, want: RegExp][] = [
  ['--logtostderr=false', /want true: there are no log files$/],
  ['--logtostderr=maybe', /want true or false$/],
  ['--feature-gates=MachineAPIMigration', /want true or false$/],
  ['--feature-gates=A=true,B=on', /want true or false$/],
  ['--webhook-enabled=true', /^unknown flag: --webhook-enabled$/],
];

for (const [argument, want] of refused) {
  test(`refuses ${argument} in one line`, (t) => {
    const error = t.throws(() => parseOptions([argument]), { instanceOf: FlagError });
    t.regex(error.message, want);
    t.false(error.message.includes('\n'));
  });
}
