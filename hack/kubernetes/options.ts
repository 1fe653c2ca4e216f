import { quote } from '#api/quote.ts';
import {
  booleanFlag,
  FlagError,
  integerFlag,
  parseFlags,
  type FlagTable,
  type FlagValues,
  type Program,
} from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';

const start = {
  name: 'control-plane start',
  description: 'Starts a control plane and prints its KUBECONFIG, to be evaluated by a shell.',
  flags: {
    full: booleanFlag({
      default: false,
      help: 'Also run kube-controller-manager and kube-scheduler',
    }),
    node: booleanFlag({
      default: false,
      help: 'Also run a node that runs containers, with --full; wants root',
    }),
    port: integerFlag({
      default: 0,
      min: 0,
      max: 65_535,
      help: 'The port of the API server; 0: any free one',
    }),
  },
};

const stop = {
  name: 'control-plane stop',
  description: 'Ends the control plane that KUBECONFIG names, or the only one.',
  flags: { all: booleanFlag({ default: false, help: 'End every control plane of this user' }) },
};

const status = {
  name: 'control-plane status',
  description: 'Lists the control planes of this user; exit code 1 when none is ready.',
  flags: {},
};

const env = {
  name: 'control-plane env',
  description: 'Prints again what start printed.',
  flags: {},
};

const overview = `etcd and kube-apiserver for tests and development.

Usage:
  control-plane start [--full] [--node] [--port N]
  control-plane stop [--all]
  control-plane status
  control-plane env
`;

export type Command =
  | { verb: 'help'; text: string }
  | { verb: 'start'; flags: FlagValues<typeof start.flags> }
  | { verb: 'stop'; flags: FlagValues<typeof stop.flags> }
  | { verb: 'status' }
  | { verb: 'env' };

/**
 * What a command line asks for.
 *
 * @throws FlagError
 */
export function parseCommand([verb = 'help', ...args]: readonly string[]): Command {
  switch (verb) {
    case 'start':
      return parse(start, args, (flags) => ({ verb, flags }));
    case 'stop':
      return parse(stop, args, (flags) => ({ verb, flags }));
    case 'status':
      return parse(status, args, () => ({ verb }));
    case 'env':
      return parse(env, args, () => ({ verb }));
    case 'help':
    case '--help':
    case '-h':
      return { verb: 'help', text: overview };
    default:
      throw new FlagError(`${quote(verb)} is not one of start, stop, status, env`);
  }
}

function parse<Table extends FlagTable>(
  program: Program<Table>,
  args: readonly string[],
  toCommand: (flags: FlagValues<Table>) => Command,
): Command {
  const flags = parseFlags(program, args);
  return flags === 'help' ? { verb: 'help', text: usage(program) } : toCommand(flags);
}
