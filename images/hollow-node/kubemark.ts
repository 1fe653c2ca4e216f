#!/usr/bin/env -S node --optimize-for-size --liftoff-only --no-concurrent-recompilation
/**
 * The command line of kubemark for a hollow node in TypeScript: `npm run hollow-node -- …`, and
 * `/kubemark` in its image. A signal ends it at once, without a write, with the exit code of a process
 * that was killed by it.
 *
 * The options of the first line: compilers that work beside the program keep 10 MB and more for ever.
 */
import { constants, networkInterfaces } from 'node:os';
import { realClock } from '#runtime/clock.ts';
import type { ClusterConfig } from '#runtime/client/cluster-config.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { inClusterConfig, KubeConfigError, loadKubeConfig } from '#runtime/client/kube-config.ts';
import { describeError } from '#runtime/error-text.ts';
import { FlagError, parseFlags } from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { createLogger } from '#runtime/json-logger.ts';
import { nodeAddress } from './address.ts';
import { serveHealth } from './health.ts';
import { runHollowNode } from './hollow-node.ts';
import { kubeletVersion } from './node.ts';
import type { KubemarkFlags } from './options.ts';
import { hollowNodeOptions, kubemark, withFaults } from './options.ts';

async function main(args: readonly string[]): Promise<void> {
  const flags = parseFlags(kubemark, args);
  if (flags === 'help') return void process.stdout.write(usage(kubemark));
  if (flags.version) return void process.stdout.write(`Kubernetes ${kubeletVersion}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  switch (flags.morph) {
    case 'kubelet':
      return runKubelet(flags);
    case 'proxy':
      return idle();
    default:
      throw new Error(`Unknown morph: ${flags.morph}. Allowed values: [kubelet proxy]`);
  }
}

async function runKubelet(flags: KubemarkFlags): Promise<void> {
  const origin = realClock.monotonic();
  const options = await withFaults(hollowNodeOptions(flags), flags);
  const config = await clusterConfig(flags.kubeconfig);
  const log = createLogger({ verbosity: flags.v });
  if (options.kubeletPort !== 0) await serveHealth(options.kubeletPort, log);
  await runHollowNode({
    options,
    client: new KubeClient({
      config,
      clock: realClock,
      userAgent: `hollow-kubelet/${kubeletVersion}`,
    }),
    clock: realClock,
    log,
    signal: new AbortController().signal, // only the end of the process ends a kubelet
    address: nodeAddress(process.env, networkInterfaces()),
    origin,
  });
}

/** As the patched kubemark: the cluster it runs in comes first. */
async function clusterConfig(path: string): Promise<ClusterConfig> {
  return (await inClusterConfig()) ?? loadKubeConfig({ path });
}

/** A hollow proxy has no work here; its container must only stay. */
function idle(): Promise<void> {
  return realClock.sleep(Number.POSITIVE_INFINITY);
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    // As kubemark, whose exit code is 1 for everything, with the usage after a mistake in the flags.
    const isTold = error instanceof FlagError || error instanceof KubeConfigError;
    process.stderr.write(`Error: ${isTold ? error.message : describeError(error)}\n`);
    if (error instanceof FlagError) process.stderr.write(usage(kubemark));
    process.exit(1);
  }
}
