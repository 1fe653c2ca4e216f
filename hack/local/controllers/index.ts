/**
 * The parts of kube-controller-manager and kube-scheduler that the local cluster needs. They speak
 * only to the API, so each can be left out where the real one runs.
 */
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { KubeEventRecorder } from '#runtime/event-recorder.ts';
import type { Logger } from '#runtime/log.ts';
import { disruptionController } from './disruption/disruption-controller.ts';
import { Scales } from './disruption/scales.ts';
import type { PathReader } from './discovery/discover.ts';
import { KindCatalog } from './discovery/kind-catalog.ts';
import { EventTtl } from './event-ttl/event-ttl.ts';
import { GarbageCollector } from './garbage-collector/garbage-collector.ts';
import { namespaceController } from './namespace/namespace-controller.ts';
import type { NodeMonitorOptions } from './node-lifecycle/node-monitor.ts';
import { nodeLifecycle } from './node-lifecycle/node-lifecycle.ts';
import { replicaSets, replicationControllers } from './objects/kinds.ts';
import { podGarbageCollector } from './pod-gc/pod-gc.ts';
import { replicationController } from './replication/replication-controller.ts';
import { scheduler } from './scheduler/scheduler.ts';
import { SharedInformers } from './shared/shared-informers.ts';
import { taintEviction } from './taint-eviction/taint-eviction.ts';

/** Something that runs until its signal aborts. */
export interface Runnable {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

export interface ControllersOptions extends NodeMonitorOptions {
  /** Milliseconds that a node must have been missing before its Pods are removed. */
  readonly podQuarantine: number;
  /** Milliseconds an Event is kept after its last occurrence. */
  readonly eventTimeToLive: number;
  /** Those that somebody else does. */
  readonly disabled: readonly ControllerName[];
}

export interface ControllersDeps {
  client: Client & PathReader;
  clock: Clock;
  log: Logger;
  options?: Partial<ControllersOptions>;
}

/**
 * As kube-controller-manager is configured by default, up to 1.31, but for `evictionRate`: there 0.1
 * nodes per second receive NoExecute taints, which is too slow to watch.
 */
const defaults: ControllersOptions = {
  monitorPeriod: 5_000,
  gracePeriod: 40_000,
  startupGracePeriod: 60_000,
  evictionRate: Infinity,
  podQuarantine: 40_000,
  eventTimeToLive: 60 * 60_000,
  disabled: [],
};

/** What controllers are made of. */
interface Parts {
  base: { client: Client & PathReader; clock: Clock; log: Logger };
  informers: SharedInformers;
  options: ControllersOptions;
  /** A recorder in the name of one component. */
  recordAs: (component: string) => EventRecorder;
}

function makers({ base, informers, options, recordAs }: Parts) {
  const { nodes, pods } = informers;
  const catalog = new KindCatalog(base.client);
  return {
    nodeLifecycle: () => {
      const events = recordAs('node-controller');
      const leases = informers.leases();
      return nodeLifecycle({ ...base, events, nodes: nodes(), pods: pods(), leases, options });
    },
    taintEviction: () => {
      const events = recordAs('taint-eviction-controller');
      return [taintEviction({ ...base, events, nodes: nodes(), pods: pods() })];
    },
    scheduler: () => {
      const events = recordAs('default-scheduler');
      return [scheduler({ ...base, events, nodes: nodes(), pods: pods() })];
    },
    podGarbageCollector: () => {
      const quarantine = options.podQuarantine;
      return [podGarbageCollector({ ...base, nodes: nodes(), pods: pods(), quarantine })];
    },
    garbageCollector: () => {
      const events = recordAs('garbage-collector-controller');
      return [new GarbageCollector({ ...base, events, catalog, informers })];
    },
    namespace: () => {
      const namespaces = informers.namespaces();
      return [namespaceController({ ...base, catalog, namespaces, pods: pods() })];
    },
    disruption: () => {
      const budgets = informers.budgets();
      const scales = new Scales(informers);
      return [disruptionController({ ...base, budgets, pods: pods(), scales })];
    },
    replicationController: () => {
      const events = recordAs('replication-controller');
      const [kind, owners] = [replicationControllers, informers.replicationControllers()];
      return [replicationController({ ...base, events, kind, owners, pods: pods() })];
    },
    replicaSet: () => {
      const events = recordAs('replicaset-controller');
      const [kind, owners] = [replicaSets, informers.replicaSets()];
      return [replicationController({ ...base, events, kind, owners, pods: pods() })];
    },
    eventTtl: () => [new EventTtl({ ...base, timeToLive: options.eventTimeToLive })],
  } satisfies Record<string, () => Runnable[]>;
}

export type ControllerName = keyof ReturnType<typeof makers>;

/** Milliseconds that events which wait may take at the stop. */
const eventsTimeout = 1_000;

/** All controllers that are not disabled, over one informer per kind. */
export function controllers({ client, clock, log, options = {} }: ControllersDeps): Runnable {
  const base = { client, clock, log };
  const informers = new SharedInformers(base);
  const recorders: KubeEventRecorder[] = [];
  const recordAs = (component: string): EventRecorder => {
    const recorder = new KubeEventRecorder({ ...base, component });
    recorders.push(recorder);
    return recorder;
  };
  const all = { ...defaults, ...options };
  const isEnabled = ([name]: [string, unknown]): boolean =>
    !all.disabled.some((disabled) => disabled === name);
  const running = Object.entries<() => Runnable[]>(
    makers({ base, informers, options: all, recordAs }),
  )
    .filter(isEnabled)
    .flatMap(([, make]) => make());

  return {
    name: 'controllers',
    run: async (signal) => {
      const background = new AbortController();
      const watching = informers.run(background.signal);
      try {
        await Promise.all(running.map((each) => each.run(signal)));
        await Promise.all(recorders.map((recorder) => recorder.stop(eventsTimeout)));
      } finally {
        background.abort();
        await watching;
      }
    },
  };
}
