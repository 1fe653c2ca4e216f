import { formatDuration } from '#api/duration.ts';
import { quote } from '#api/quote.ts';
import {
  booleanFlag,
  durationFlag,
  FlagError,
  integerFlag,
  parseFlags,
  type Flag,
} from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';

const second = 1_000;
const minute = 60 * second;

/** How much a benchmark does; 0: has no meaning for it. */
export interface Sizes {
  /** Machines or nodes. */
  count: number;
  /** Machines where Pods run too. */
  settled: number;
  /** Real ones, for comparison. */
  kubemarks: number;
  /** Milliseconds. */
  for: number;
}

const none: Sizes = { count: 0, settled: 0, kubemarks: 0, for: 0 };

export const benchmarks = [
  'machines',
  'machinesets',
  'kubemarkmachines',
  'nodes',
  'flips',
  'idle',
] as const;
export type Benchmark = (typeof benchmarks)[number];

const normalSizes: Record<Benchmark, Sizes> = {
  machines: { ...none, count: 500, settled: 100 },
  machinesets: { ...none, count: 100 },
  kubemarkmachines: { ...none, count: 200 },
  nodes: { ...none, count: 1_000, kubemarks: 10, for: 5 * minute },
  flips: { ...none, count: 100, for: 2 * minute },
  idle: { ...none, count: 1_000, for: minute },
};

/** All together in less than five minutes. */
export const shortSizes: Record<Benchmark, Sizes> = {
  machines: { ...none, count: 500, settled: 50 },
  machinesets: { ...none, count: 40 },
  kubemarkmachines: { ...none, count: 40 },
  nodes: { ...none, count: 500, kubemarks: 2, for: 40 * second },
  flips: { ...none, count: 100, for: 30 * second },
  idle: { ...none, count: 300, for: 20 * second },
};

const descriptions: Record<Benchmark, string> = {
  machines: 'Machines created at once and deleted: rates, requests, memory.',
  machinesets: 'A MachineSet scaled up and down: how long each change takes.',
  kubemarkmachines:
    'KubemarkMachines of one cluster, alone and beside a cluster that never answers.',
  nodes: 'Hollow nodes in one process beside real kubemarks: leases, requests, memory.',
  flips: 'Hollow nodes that flap every 5 s: how exact their transitions are.',
  idle: 'A manager whose Machines have settled: requests, processor time, memory.',
};

const overview = `Measures what this project costs, against control planes that it starts itself.

Usage:
${Object.entries(descriptions)
  .map(([name, text]) => `  bench ${name.padEnd(18)}${text}`)
  .join('\n')}
  bench check             All of them, short; fails where a budget is missed by a factor of 3.

bench NAME --help lists the flags.
`;

export type Command =
  { verb: 'help'; text: string } | { verb: 'check' } | ({ verb: 'measure' } & Order);

export interface Order {
  benchmark: Benchmark;
  sizes: Sizes;
}

/**
 * What a command line asks for.
 *
 * @throws FlagError
 */
export function parseCommand([verb = 'help', ...args]: readonly string[]): Command {
  const benchmark = benchmarks.find((name) => name === verb);
  if (benchmark !== undefined) return parseSizes(benchmark, args);
  switch (verb) {
    case 'check':
    case '--short':
      if (args.length > 0) throw new FlagError(`${quote(verb)} takes no arguments`);
      return { verb: 'check' };
    case 'help':
    case '--help':
    case '-h':
      return { verb: 'help', text: overview };
    default:
      throw new FlagError(`${quote(verb)} is not one of ${benchmarks.join(', ')}, check`);
  }
}

function parseSizes(benchmark: Benchmark, args: readonly string[]): Command {
  const normal = normalSizes[benchmark];
  const less = shortSizes[benchmark];
  const names = sizeNames.filter((name) => normal[name] > 0);
  const flags = Object.fromEntries(
    names.map((name) => [name, sizeFlag(name, normal[name], less[name])]),
  );
  const short = booleanFlag({ default: false, help: 'Less of everything, for a quick look' });
  const program = {
    name: `bench ${benchmark}`,
    description: descriptions[benchmark],
    flags: { ...flags, short },
  };
  const values = parseFlags<Record<string, Flag<unknown>>>(program, args);
  if (values === 'help') return { verb: 'help', text: usage(program) };
  const sizes = { ...(values['short'] === true ? less : normal) };
  for (const name of names) {
    const given = values[name];
    if (typeof given === 'number') sizes[name] = given;
  }
  return { verb: 'measure', benchmark, sizes };
}

const sizeNames = ['count', 'settled', 'kubemarks', 'for'] as const;

function sizeFlag(name: keyof Sizes, normal: number, less: number): Flag<number | undefined> {
  const format = name === 'for' ? formatDuration : String;
  const help = `${helps[name]} (default ${format(normal)}; with --short ${format(less)})`;
  const absent = { default: undefined, help };
  return name === 'for' ? timeFlag(absent) : integerFlag({ ...absent, min: 1, max: 10_000 });
}

const helps: Record<keyof Sizes, string> = {
  count: 'How many Machines or nodes',
  settled: 'How many Machines where Pods run too',
  kubemarks: 'How many real kubemarks for comparison',
  for: 'How long the steady state is measured',
};

/** Leases are renewed every 10 s: less shows nothing. */
const shortestTime = 20 * second;

function timeFlag(options: { default: undefined; help: string }): Flag<number | undefined> {
  const flag = durationFlag<undefined>(options);
  const parse: typeof flag.parse = (text, previous) => {
    const time = flag.parse(text, previous);
    if (time !== undefined && time >= shortestTime) return time;
    throw new Error(`want at least ${formatDuration(shortestTime)}`);
  };
  return { ...flag, parse };
}
