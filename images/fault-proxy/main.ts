#!/usr/bin/env -S node --optimize-for-size --liftoff-only --no-concurrent-recompilation
/**
 * The command line of the fault proxy: `npm run fault-proxy -- …`, and what its image runs. A signal ends
 * it, and the kubelet it has started, at once.
 *
 * The options of the first line: compilers that work beside the program keep 20 MB and more for ever.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { createSecureContext } from 'node:tls';
import { readFaultFlags } from '#hollow-node/fault-flags.ts';
import { parseAddress } from '#runtime/address.ts';
import { inClusterConfig, KubeConfigError, loadKubeConfig } from '#runtime/client/kube-config.ts';
import { realClock } from '#runtime/clock.ts';
import { describeError, messageOf } from '#runtime/error-text.ts';
import { FlagError, parseFlags } from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { createLogger } from '#runtime/json-logger.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { killOnCrash, runKubelet } from './kubelet-process.ts';
import { faultProxy, type FaultProxyFlags } from './options.ts';

/** Resolves to the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const end = args.indexOf('--');
  const command = end < 0 ? [] : args.slice(end + 1);
  const flags = parseFlags(faultProxy, end < 0 ? args : args.slice(0, end));
  if (flags === 'help') {
    process.stdout.write(usage(faultProxy));
    return 0;
  }
  const { 'node-name': nodeName, 'kubelet-kubeconfig': file, v: verbosity } = flags;
  const program = flags['kubelet-program'];
  if ((command.length > 0 || program !== '') && nodeName === '') {
    throw new FlagError('--node-name is missing: whose kubelet is to crash?');
  }
  if (flags['write-only']) {
    await writeFile(
      file,
      kubeconfigFor(`${flags['tls-cert-file'] === '' ? 'http' : 'https'}://${flags.listen}`),
    );
    return 0;
  }
  const log = createLogger({ verbosity });
  const stop = new AbortController();
  const proxy = await start(flags, stop.signal);
  log.info('Listening', { url: proxy.url });
  if (file !== '') await writeFile(file, kubeconfigFor(proxy.url));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => stop.abort(new StoppedError(128 + constants.signals[signal])));
  }
  const faults = proxy.node(nodeName)?.faults;
  if (command.length > 0 && faults !== undefined) {
    return runKubelet({ command, faults, log }, stop.signal);
  }
  if (program !== '' && faults !== undefined) {
    return killOnCrash({ program, faults, log }, stop.signal);
  }
  await proxy.ended;
  throw stop.signal.reason;
}

class StoppedError extends Error {
  readonly code: number;

  constructor(code: number) {
    super('stopped by a signal');
    this.code = code;
  }
}

async function start(flags: FaultProxyFlags, signal: AbortSignal): Promise<FaultProxy> {
  const { listen, kubeconfig, 'node-name': nodeName, v: verbosity } = flags;
  const { host = '127.0.0.1', port = 0 } = parseAddress(listen) ?? {};
  const faultsOf = await readFaultFlags(flags);
  faultsOf(nodeName); // those that are wrong are told before anything else happens
  const tls = await readTls(flags);
  return startFaultProxy({
    host,
    port,
    ...(tls && { tls }),
    ...(nodeName !== '' && { nodeName }),
    faultsOf,
    config: (await inClusterConfig()) ?? (await loadKubeConfig({ path: kubeconfig })),
    clock: realClock,
    log: createLogger({ verbosity }),
    signal,
  });
}

async function readTls(flags: FaultProxyFlags): Promise<{ cert: Buffer; key: Buffer } | undefined> {
  const { 'tls-cert-file': cert, 'tls-private-key-file': key } = flags;
  if (cert === '' && key === '') return undefined;
  if (cert === '' || key === '')
    throw new FlagError('--tls-cert-file and --tls-private-key-file go together');
  const pair = { cert: await readFile(cert), key: await readFile(key) };
  try {
    createSecureContext(pair);
  } catch (error) {
    throw new FlagError(
      `--tls-cert-file and --tls-private-key-file are no pair of PEM files: ${messageOf(error)}`,
    );
  }
  return pair;
}

/** JSON is YAML. */
function kubeconfigFor(server: string): string {
  const name = 'fault-proxy';
  const cluster = { server, 'insecure-skip-tls-verify': server.startsWith('https:') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster }],
    users: [{ name, user: {} }],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

if (import.meta.main) {
  try {
    process.exit(await main(process.argv.slice(2)));
  } catch (error) {
    if (error instanceof StoppedError) process.exit(error.code);
    const isTold = error instanceof FlagError || error instanceof KubeConfigError;
    process.stderr.write(`Error: ${isTold ? error.message : describeError(error)}\n`);
    if (error instanceof FlagError) process.stderr.write(usage(faultProxy));
    process.exit(1);
  }
}
