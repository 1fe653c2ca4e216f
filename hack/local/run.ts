import { realClock } from '#runtime/clock.ts';
import { messageOf } from '#runtime/error-text.ts';
import { FlagError, parseFlags } from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { createLogger } from '#runtime/json-logger.ts';
import { silentLogger } from '#runtime/log.ts';
import { LocalCluster, type LocalClusterOptions } from './cluster.ts';
import { Display } from './display.ts';
import { FileError, readObjects } from './objects.ts';
import { parseAddress } from '#runtime/address.ts';
import { program, type LocalOptions } from './options.ts';
import { checkKubeconfig, checkReport, temporaryFolder, writeFiles } from './output-files.ts';
import { serveTimeline, Timeline } from '../timeline/timeline.ts';
import { Recorder } from './recorder.ts';

/** Resolves to the exit code: 2 for what the user has to correct, before anything was started. */
export async function runCommand(args: readonly string[], stop: AbortController): Promise<number> {
  const output = watchOutput(stop);
  try {
    const options = parseFlags(program, args);
    if (options === 'help') process.stdout.write(usage(program));
    else await run(options, stop.signal);
    output.throwIfBroken();
    return 0;
  } catch (error) {
    process.stderr.write(`local: ${messageOf(error)}\n`);
    return error instanceof FlagError || error instanceof FileError ? 2 : 1;
  }
}

async function run(options: LocalOptions, stop: AbortSignal): Promise<void> {
  await checkReport(options.report);
  await checkKubeconfig(options.kubeconfig);
  const objects = await readObjects(options.apply);
  const clock = realClock;
  const log = options.v > 0 ? createLogger({ verbosity: options.v }) : silentLogger;
  await using folder = await temporaryFolder();
  const cluster = await openCluster({ clock, log, port: options.port });
  const { client, programs } = cluster;
  const recorder = new Recorder({
    client,
    clock,
    log,
    startOf: (node) => programs.hollowNodes.get(node)?.startedAt,
  });
  try {
    await cluster.apply(objects);
    const files = writeFiles(options, folder.path);
    const kubeconfig = await files.kubeconfig(cluster.url);
    // With the report on standard output, nothing else goes there.
    const output = options.report === '-' ? process.stderr : process.stdout;
    const display = new Display({ clock, output, recorder, hollowNodes: programs.hollowNodes });
    const address = parseAddress(options.timeline);
    const timeline = new Timeline({ client, clock });
    await using page = address && (await serveTimeline(timeline, address));
    if (page !== undefined) cluster.run((signal) => timeline.run(signal));
    const urls = { url: cluster.url, ...(page && { timeline: page.url }) };
    display.start({ ...urls, kubeconfig, applied: objects.length });
    cluster.run((signal) => recorder.run(signal));
    cluster.start();
    if (options.manager) cluster.startManager();
    await clock.sleep(options.for || Number.POSITIVE_INFINITY, stop).catch(() => {}); // a signal
    display.stop();
    await files.report(recorder.report());
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

/** Ends the run when nobody can read its output any more. A reader that has gone is no failure. */
function watchOutput(stop: AbortController): { throwIfBroken(): void } {
  let broken: Error | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') broken ??= new Error(`standard output: ${error.message}`);
    stop.abort();
  });
  process.stderr.on('error', () => stop.abort());
  return {
    throwIfBroken: () => {
      if (broken !== undefined) throw broken;
    },
  };
}
