import test from 'ava';
import { FlagError } from '#runtime/flags.ts';
import { parseCommand } from './options.ts';

test('a benchmark has its normal sizes unless told otherwise', (t) => {
  t.like(parseCommand(['nodes', '--kubemarks=3', '--for=1m']), {
    verb: 'measure',
    benchmark: 'nodes',
    sizes: { count: 1_000, kubemarks: 3, for: 60_000 },
  });
});

test('with --short a size that is given still counts', (t) => {
  const command = parseCommand(['machines', '--short', '--settled=7']);
  t.like(command, { sizes: { count: 500, settled: 7 } });
});

test('without a command there is help', (t) => {
  t.like(parseCommand([]), { verb: 'help' });
  t.like(parseCommand(['flips', '--help']), { verb: 'help' });
});

for (const [args, message] of [
  [
    ['machine'],
    '"machine" is not one of machines, machinesets, kubemarkmachines, nodes, flips, idle, check',
  ],
  [['check', 'twice'], '"check" takes no arguments'],
  [['flips', '--for=5s'], /--for.*want at least 20s/],
  [['machines', '--count=0'], /--count/],
  [['machines', '--kubemarks=1'], /--kubemarks/],
] as const) {
  test(`"${args.join(' ')}" is refused`, (t) => {
    t.throws(() => parseCommand(args), { instanceOf: FlagError, message });
  });
}
