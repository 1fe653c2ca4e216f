#!/usr/bin/env -S node --optimize-for-size --liftoff-only --no-concurrent-recompilation
/** The manager's command line: options → client → controllers → run until a signal. */
import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import type { Client } from '#runtime/client/client.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { KubeConfigError, loadKubeConfig } from '#runtime/client/kube-config.ts';
import type { Clock } from '#runtime/clock.ts';
import { realClock } from '#runtime/clock.ts';
import { describeError } from '#runtime/error-text.ts';
import { KubeEventRecorder } from '#runtime/event-recorder.ts';
import { FlagError } from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { createLogger } from '#runtime/json-logger.ts';
import { LeaderElector } from '#runtime/leader-election.ts';
import type { Logger } from '#runtime/log.ts';
import { Manager } from '#runtime/manager.ts';
import { Metrics } from '#runtime/metrics.ts';
import { controllers } from './controllers.ts';
import { Informers } from './informers.ts';
import { parseOptions, type ManagerOptions } from './options.ts';
import { programCalled } from './programs.ts';

export interface ManagerDeps {
  client: Client;
  /** For the Lease: a renewal must not queue behind the requests that `client` holds back. */
  leaseClient: Client;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  /** Where the Lease is when the options do not say. */
  leaseNamespace: string;
}

/** Everything the manager runs, put together and not started. */
export function createManager(options: ManagerOptions, deps: ManagerDeps): Manager {
  const { client, leaseClient, clock, log, metrics, leaseNamespace } = deps;
  const events = new KubeEventRecorder({ client, clock, log, component: 'kubemark-controller' });
  const informers = new Informers({
    client,
    clock,
    log,
    namespace: options.namespace,
    podNamespace: options['pod-namespace'],
    clusterAPIVersion: options['cluster-api-version'],
    watchFilter: options['watch-filter'],
    resyncPeriod: options['sync-period'],
  });
  const base = { client, clock, log, metrics, events };
  const name = options['leader-elect-resource-name'];
  const elector = new LeaderElector({
    client: leaseClient,
    clock,
    log,
    name,
    namespace: options['leader-elect-resource-namespace'] || leaseNamespace,
    identity: `${hostname()}_${randomUUID()}`,
    leaseDuration: options['leader-elect-lease-duration'],
    renewDeadline: options['leader-elect-renew-deadline'],
    retryPeriod: options['leader-elect-retry-period'],
    onChange: (isLeader) => metrics.leads(name, isLeader),
  });
  return new Manager({
    log,
    metrics,
    events,
    healthAddress: options['health-addr'],
    metricsAddress: options['metrics-addr'],
    // In this order: making them tells which informers are wanted.
    controllers: controllers({ base, informers, options }),
    informers: informers.used,
    ...(options['leader-elect'] && { elector }),
  });
}

async function main(options: ManagerOptions): Promise<void> {
  const log = createLogger({ verbosity: options.v });
  const config = await loadKubeConfig({ path: options.kubeconfig });
  const metrics = new Metrics({ process: true });
  const common = {
    config,
    clock: realClock,
    userAgent: 'cluster-api-provider-kubemark',
    requestObserver: metrics.requested,
  };
  const client = new KubeClient({
    ...common,
    qps: options['kube-api-qps'],
    burst: options['kube-api-burst'],
  });
  const leaseClient = new KubeClient(common);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      log.info('Stopping on a signal', { signal });
      stop.abort();
    });
  }
  const leaseNamespace = config.namespace;
  const deps = { client, leaseClient, clock: realClock, log, metrics, leaseNamespace };
  try {
    await createManager(options, deps).run(stop.signal);
  } finally {
    await Promise.all([client.close(), leaseClient.close()]);
  }
}

if (import.meta.main) {
  const [, path = '', ...args] = process.argv;
  const program = programCalled(path);
  try {
    const options = parseOptions(args, program);
    if (options === 'help') console.log(usage(program));
    else await main(options);
  } catch (error) {
    const isTheirs = error instanceof FlagError || error instanceof KubeConfigError;
    console.error(`${program.name}: ${isTheirs ? error.message : describeError(error)}`);
    process.exitCode = isTheirs ? 2 : 1;
  }
}
