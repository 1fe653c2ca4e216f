/** `npm run local`: a cluster with the controller and hollow nodes, until a time or a signal. */
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { realClock } from '#runtime/clock.ts';
import { messageOf } from '#runtime/error-text.ts';
import { FlagError, parseFlags } from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { createLogger } from '#runtime/json-logger.ts';
import { silentLogger } from '#runtime/log.ts';
import { kubeconfigFor } from './apiserver/kubeconfig.ts';
import { LocalCluster, type LocalClusterOptions } from './cluster.ts';
import { Display } from './display.ts';
import { FileError, readObjects } from './objects.ts';
import { program, type LocalOptions } from './options.ts';
import { Recorder } from './recorder.ts';

async function main(options: LocalOptions): Promise<void> {
  for (const flag of ['report', 'kubeconfig'] as const) await checkFolder(flag, options[flag]);
  const objects = await readObjects(options.apply);
  const clock = realClock;
  const log = options.v > 0 ? createLogger({ verbosity: options.v }) : silentLogger;
  const cluster = await openCluster({ clock, log, port: options.port });
  const stop = stopOnSignal();
  const { client, programs } = cluster;
  const recorder = new Recorder({
    client,
    clock,
    log,
    startOf: (node) => programs.hollowNodes.get(node)?.startedAt,
  });
  try {
    await cluster.apply(objects);
    const file = await writeKubeconfig(options.kubeconfig, cluster.url);
    // With the report on standard output, nothing else goes there.
    const output = options.report === '-' ? process.stderr : process.stdout;
    const display = new Display({ clock, output, recorder, hollowNodes: programs.hollowNodes });
    display.start({ url: cluster.url, kubeconfig: file.path, applied: objects.length });
    cluster.run((signal) => recorder.run(signal));
    cluster.start();
    if (options.manager) cluster.startManager();
    await clock.sleep(options.for || Number.POSITIVE_INFINITY, stop).catch(() => {}); // a signal
    display.stop();
    await writeReport(options.report, recorder);
    await file.remove();
  } finally {
    await cluster.stop();
  }
}

async function openCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  try {
    return await LocalCluster.open(options);
  } catch (error) {
    if (!isAddressInUse(error)) throw error;
    throw new FlagError(`invalid argument "${options.port}" for "--port" flag: already in use`);
  }
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/** What cannot be written at the end is better told at the start. */
async function checkFolder(flag: string, path: string): Promise<void> {
  if (path === '' || path === '-') return;
  await access(dirname(path), constants.W_OK).catch(() => {
    throw new FlagError(
      `invalid argument "${path}" for "--${flag}" flag: no folder to write it in`,
    );
  });
}

/** The first signal asks to stop; a second one ends the process at once. */
function stopOnSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stop.abort());
  }
  return stop.signal;
}

interface KubeconfigFile {
  path: string;
  /** Removes the file if nobody asked for it. */
  remove(): Promise<void>;
}

async function writeKubeconfig(wanted: string, url: string): Promise<KubeconfigFile> {
  const folder = wanted === '' ? await mkdtemp(join(tmpdir(), 'kubemark-local-')) : undefined;
  const path = folder === undefined ? wanted : join(folder, 'kubeconfig');
  await writeFile(path, kubeconfigFor(url), { mode: 0o600 });
  return {
    path,
    remove: async () => {
      if (folder !== undefined) await rm(folder, { recursive: true });
    },
  };
}

async function writeReport(path: string, recorder: Recorder): Promise<void> {
  if (path === '') return;
  const text = `${JSON.stringify(recorder.report())}\n`;
  if (path === '-') process.stdout.write(text);
  else await writeFile(path, text);
}

if (import.meta.main) {
  try {
    const options = parseFlags(program, process.argv.slice(2));
    if (options === 'help') process.stdout.write(usage(program));
    else await main(options);
  } catch (error) {
    const isTheirs = error instanceof FlagError || error instanceof FileError;
    process.stderr.write(`local: ${messageOf(error)}\n`);
    process.exitCode = isTheirs ? 2 : 1;
  }
}
