/** `npm run bench -- machines|machinesets|kubemarkmachines|nodes|flips|idle|check`: what this project costs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BinariesError, locateBinaries } from '#kubernetes/binaries/locate.ts';
import { StartError } from '#kubernetes/starter.ts';
import { realClock } from '#runtime/clock.ts';
import { describeError } from '#runtime/error-text.ts';
import { FlagError } from '#runtime/flags.ts';
import { measureFlips } from './benchmarks/flips.ts';
import { measureIdle } from './benchmarks/idle.ts';
import { measureKubemarkMachines } from './benchmarks/kubemark-machines.ts';
import { measureMachineSets } from './benchmarks/machine-sets.ts';
import { measureMachines } from './benchmarks/machines.ts';
import { measureNodes } from './benchmarks/nodes.ts';
import { environmentWith } from './environment.ts';
import { isWithinBudget, type Result } from './figures.ts';
import {
  benchmarks,
  parseCommand,
  shortSizes,
  type Benchmark,
  type Command,
  type Order,
  type Sizes,
} from './options.ts';
import { jsonLines, table, testPoints } from './report.ts';
import type { Run } from './run.ts';

/** The exit code. */
async function obey(command: Command): Promise<number> {
  if (command.verb === 'help') {
    process.stdout.write(command.text);
    return 0;
  }
  await using folder = await temporaryFolder();
  const run = await newRun(folder.path);
  if (command.verb === 'check') return await check(run);
  await measureAndPrint(run, command);
  return 0;
}

/**
 * How far a busy machine may push a figure without anything being wrong: rates were seen to halve from
 * one hour to the next.
 */
const tolerance = 3;

async function check(run: Run): Promise<number> {
  const results: Result[] = [];
  for (const benchmark of benchmarks) {
    results.push(await measureAndPrint(run, { benchmark, sizes: shortSizes[benchmark] }));
  }
  process.stdout.write(testPoints(results, tolerance));
  const figures = results.flatMap(({ sides }) => sides.flatMap((side) => side.figures));
  return figures.every((figure) => isWithinBudget(figure, tolerance)) ? 0 : 1;
}

const measure: Record<Benchmark, (run: Run, sizes: Sizes) => Promise<Result>> = {
  machines: measureMachines,
  machinesets: measureMachineSets,
  kubemarkmachines: measureKubemarkMachines,
  nodes: measureNodes,
  flips: measureFlips,
  idle: measureIdle,
};

async function measureAndPrint(run: Run, { benchmark, sizes }: Order): Promise<Result> {
  const environment = await environmentWith(run.binaries);
  const result = await measure[benchmark](run, sizes);
  process.stdout.write(jsonLines(result, environment));
  process.stdout.write(`\n${table(result, environment)}\n`);
  return result;
}

async function newRun(folder: string): Promise<Run> {
  const stop = new AbortController();
  const { signal } = stop;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => stop.abort(new InterruptedError(`stopped by ${name}`)));
  }
  const environment = process.env;
  const binaries = await locateBinaries({ isFull: true, environment, say, signal });
  const fail = (error: Error): void => stop.abort(error);
  return { clock: realClock, signal, fail, folder, binaries, say };
}

class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'kubemark-bench-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Standard output is for results. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  process.exitCode = await obey(parseCommand(process.argv.slice(2)));
} catch (error) {
  say(`bench: ${describeError(error)}`);
  const isTold = [FlagError, BinariesError, StartError, InterruptedError].some(
    (kind) => error instanceof kind,
  );
  if (!isTold && error instanceof Error) say(error.stack ?? '');
  process.exitCode = error instanceof FlagError ? 2 : 1;
}
