import test from 'ava';
import { isEnabled } from './controller-names.ts';
import { parseOptions } from './options.ts';

/** What `--controllers` makes of a controller, in kube-controller-manager's way. */
const cases: [argument: string, name: string, isToRun: boolean][] = [
  ['*', 'machine', true],
  ['machine', 'machine', true],
  ['machine', 'machineset', false],
  ['*,-machineset', 'machineset', false],
  ['-machineset,*', 'machineset', false],
  ['*,-machineset', 'machine', true],
  ['-machineset', 'machine', false],
  ['machineset,-machineset', 'machineset', true],
  ['', 'machine', false],
];

for (const [argument, name, isToRun] of cases) {
  test(`--controllers=${argument} ${isToRun ? 'runs' : 'does not run'} ${name}`, (t) => {
    const options = parseOptions([`--controllers=${argument}`]);
    t.is(options !== 'help' && isEnabled(name, options.controllers), isToRun);
  });
}

test('without --controllers everything runs', (t) => {
  const options = parseOptions([]);
  t.true(options !== 'help' && isEnabled('machineset', options.controllers));
});

test('--controllers may be given several times', (t) => {
  t.like(parseOptions(['--controllers=*', '--controllers=-machine']), {
    controllers: ['*', '-machine'],
  });
});

for (const argument of ['machines', '-', '--machine', '**']) {
  test(`--controllers=${argument} names no controller`, (t) => {
    t.throws(() => parseOptions([`--controllers=${argument}`]), {
      message: /is not a controller \(want \*, or machine, /,
    });
  });
}
