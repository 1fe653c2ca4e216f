import test from 'ava';
import { FlagError } from '#runtime/flags.ts';
import { parseCommand } from './options.ts';

test('each command has its flags', (t) => {
  t.deepEqual(parseCommand(['start']), {
    verb: 'start',
    flags: { full: false, node: false, port: 0 },
  });
  t.deepEqual(parseCommand(['start', '--full', '--port', '6443']), {
    verb: 'start',
    flags: { full: true, node: false, port: 6443 },
  });
  t.deepEqual(parseCommand(['stop', '--all']), { verb: 'stop', flags: { all: true } });
  t.deepEqual(parseCommand(['status']), { verb: 'status' });
  t.deepEqual(parseCommand(['env']), { verb: 'env' });
});

test('help is there for all and for each', (t) => {
  for (const args of [[], ['--help'], ['-h'], ['help']]) {
    t.like(parseCommand(args), { verb: 'help' });
  }
  const command = parseCommand(['start', '--help']);
  t.regex(command.verb === 'help' ? command.text : '', /--port int/);
});

test('anything else is a mistake', (t) => {
  for (const args of [['begin'], ['--full', 'start'], ['status', '--full'], ['start', 'now']]) {
    t.throws(() => parseCommand(args), { instanceOf: FlagError }, args.join(' '));
  }
  t.throws(() => parseCommand(['start', '--port=65536']), { instanceOf: FlagError });
});
