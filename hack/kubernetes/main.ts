/** `npm run control-plane -- start|stop|status|env`: a real control plane for tests. */
import { messageOf } from '#runtime/error-text.ts';
import { realClock } from '#runtime/clock.ts';
import { FlagError } from '#runtime/flags.ts';
import { cacheFolder } from './binaries/cache.ts';
import { BinariesError, locateBinaries } from './binaries/locate.ts';
import { isAlive, startControlPlane, stopControlPlane } from './control-plane.ts';
import { parseCommand, type Command } from './options.ts';
import { prepareNode } from './node/node.ts';
import { NodeError } from './node/packages.ts';
import { PortError } from './ports.ts';
import { StartError } from './starter.ts';
import { ChoiceError, chooseState, readStates, stateFolder, type State } from './state.ts';

class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

const parent = stateFolder(process.env);

async function obey(command: Command): Promise<void> {
  switch (command.verb) {
    case 'help':
      return print(command.text);
    case 'start':
      return start(command.flags);
    case 'stop':
      return stop(command.flags);
    case 'status':
      return status();
    case 'env':
      return print(environmentOf(await chosen()));
  }
}

async function start(flags: { full: boolean; node: boolean; port: number }): Promise<void> {
  const signal = stopOnSignal();
  const isNode = flags.node;
  const isFull = flags.full || isNode;
  const cache = cacheFolder(process.env);
  if (isNode) await prepareNode({ cache, parent, say, signal });
  const binaries = await locateBinaries({ isFull, isNode, environment: process.env, say, signal });
  const begin = realClock.monotonic();
  const state = await startControlPlane({
    binaries,
    parent,
    isFull,
    port: flags.port,
    ...(isNode && { node: { cache } }),
    clock: realClock,
    signal,
  });
  const seconds = ((realClock.monotonic() - begin) / 1000).toFixed(1);
  say(`${namesOf(state)} of ${binaries} on ${state.url}, ready after ${seconds} s`);
  print(environmentOf(state));
}

async function stop({ all }: { all: boolean }): Promise<void> {
  const states = all ? await readStates(parent) : [await chosen()];
  for (const state of states) {
    await stopControlPlane(state, realClock);
    say(`Stopped ${state.url}`);
  }
}

async function status(): Promise<void> {
  const states = await readStates(parent);
  const lines = await Promise.all(
    states.map(async (state) => {
      const health = (await isAlive(state)) ? (state.isReady ? 'ready' : 'starting') : 'dead';
      return { health, line: `${state.url}  ${health}  ${namesOf(state)}  ${state.kubeconfig}\n` };
    }),
  );
  print(lines.map(({ line }) => line).join(''));
  if (!lines.some(({ health }) => health === 'ready')) {
    say('no control plane is ready');
    process.exitCode = 1;
  }
}

async function chosen(): Promise<State> {
  return chooseState(await readStates(parent), parent, process.env['KUBECONFIG']);
}

function environmentOf({ kubeconfig, binaries }: State): string {
  return `export KUBECONFIG=${shellQuote(kubeconfig)}\nexport KUBEBUILDER_ASSETS=${shellQuote(binaries)}\n`;
}

function shellQuote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function namesOf({ processes }: State): string {
  return processes.map(({ name }) => name).join(', ');
}

function stopOnSignal(): AbortSignal {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stopped.abort(new InterruptedError(`stopped by ${signal}`)));
  }
  return stopped.signal;
}

/** Standard output is for the shell that evaluates it. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(text: string): void {
  process.stdout.write(text);
}

try {
  await obey(parseCommand(process.argv.slice(2)));
} catch (error) {
  say(`control-plane: ${messageOf(error)}`);
  const isTheirs = [FlagError, PortError, ChoiceError].some((kind) => error instanceof kind);
  const isTold = [BinariesError, StartError, NodeError, InterruptedError].some(
    (kind) => error instanceof kind,
  );
  if (!isTheirs && !isTold && error instanceof Error) say(error.stack ?? '');
  process.exitCode = isTheirs ? 2 : 1;
}
