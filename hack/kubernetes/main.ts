/** `npm run control-plane -- start|stop|status|env`: a real control plane for tests. */
import { messageOf } from '#runtime/error-text.ts';
import { realClock } from '#runtime/clock.ts';
import { FlagError } from '#runtime/flags.ts';
import { BinariesError, locateBinaries } from './binaries/locate.ts';
import { isAlive, startControlPlane, StartError, stopControlPlane } from './control-plane.ts';
import { parseCommand, type Command } from './options.ts';
import { findByKubeconfig, newFolder, readStates, stateFolder, type State } from './state.ts';

/** The command makes no sense now; `message` says what does. */
class UseError extends Error {
  override readonly name = 'UseError';
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

async function start(flags: { full: boolean; port: number }): Promise<void> {
  const signal = stopOnSignal();
  const isFull = flags.full;
  const binaries = await locateBinaries({ isFull, environment: process.env, say, signal });
  const begin = realClock.monotonic();
  const folder = await newFolder(parent);
  const state = await startControlPlane({
    binaries,
    folder,
    isFull,
    port: flags.port,
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

/** The control plane that a command without a name means. */
async function chosen(): Promise<State> {
  const states = await readStates(parent);
  const meant = findByKubeconfig(states, process.env['KUBECONFIG']);
  if (meant !== undefined) return meant;
  const [only, ...others] = states;
  if (only === undefined) throw new UseError('there is no control plane');
  if (others.length === 0) return only;
  throw new UseError(
    [
      `there are ${states.length} control planes: say which by KUBECONFIG, or --all to stop`,
      ...states.map(({ kubeconfig }) => kubeconfig),
    ].join('\n  '),
  );
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
    process.once(signal, () => stopped.abort(new UseError(`stopped by ${signal}`)));
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
  const isTheirs = [FlagError, UseError].some((kind) => error instanceof kind);
  const isKnown = [BinariesError, StartError].some((kind) => error instanceof kind);
  if (!isTheirs && !isKnown && error instanceof Error) say(error.stack ?? '');
  process.exitCode = isTheirs ? 2 : 1;
}
