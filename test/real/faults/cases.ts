/** Every type of fault, with what is to be seen of it. Times in seconds from the origin of the faults. */
import type { Cluster } from '../harness/cluster.ts';
import type { FaultyNode, Injector } from './injectors.ts';
import { changesOf, taintSpan, transitionsOf, type Transition } from './transitions.ts';

export interface Seen {
  /** What was to be seen. */
  intended: string;
  observed: string;
  isAsIntended: boolean;
  /** Milliseconds between intention and observation, where both are times. */
  errors?: number[];
}

export interface Case {
  /** Part of the nodes' names. */
  role: string;
  faults: string;
  /** It has a Pod, which tolerates taints for 1 s. */
  needsPod?: true;
  /** When all has happened. */
  until: number;
  look(this: void, looked: Looked): Seen[];
}

export interface Looked {
  cluster: Cluster;
  node: FaultyNode;
  injector: Injector;
}

/** The control plane's grace period and the time between two looks, with the age of the last renewal. */
const unknownAfter = { from: 9, to: 24 };
/** A change is to be seen within a second; a machine that is slow and busy may take another one. */
const soon = 2;

const jittery = 'NotReady after 20s for 4s every 20s jitter 10s seed 7';

export const cases: readonly Case[] = [
  {
    role: 'flapping',
    faults: 'NotReady after 20s for 5s every 15s',
    until: 87,
    look: (looked) => [
      flips(looked, [20, 25, 35, 40, 50, 55, 65, 70, 80, 85]),
      taint(looked, 'node.kubernetes.io/not-ready:NoSchedule', {
        from: [20, 20 + soon],
        to: [25, 25 + soon],
      }),
    ],
  },
  {
    role: 'jittery',
    faults: jittery,
    until: 80,
    look: (looked) => [flips(looked, changesOf(jittery, '', 80))],
  },
  {
    role: 'notready',
    faults: 'NotReady after 20s for 50s',
    needsPod: true,
    until: 80,
    look: (looked) => [
      flips(looked, [20, 70]),
      taint(looked, 'node.kubernetes.io/not-ready:NoExecute', { from: [20, 25], to: [70, 75] }),
      eviction(looked, { from: [21, 30], gone: [70, 75] }),
    ],
  },
  {
    role: 'running',
    faults: 'NotReady after 20s for 50s freezesPods=false',
    needsPod: true,
    until: 80,
    look: (looked) => [
      flips(looked, [20, 70]),
      eviction(looked, { from: [21, 30], gone: [21, 45] }),
    ],
  },
  {
    role: 'unreachable',
    faults: 'Unreachable after 20s for 50s',
    needsPod: true,
    until: 95,
    look: (looked) => [
      ...lost(looked, 70, soon),
      taint(looked, 'node.kubernetes.io/unreachable:NoExecute', { from: [29, 46], to: [70, 75] }),
      eviction(looked, { from: [30, 47], gone: [70, 93] }),
    ],
  },
  {
    role: 'pressed',
    faults: 'Condition MemoryPressure after 20s for 20s; Condition KernelDeadlock after 25s for 5s',
    until: 50,
    look: (looked) => [
      flips(looked, [20, 40], 'MemoryPressure', ['True', 'False']),
      flips(looked, [25, 30], 'KernelDeadlock', ['True', 'False']),
      taint(looked, 'node.kubernetes.io/memory-pressure:NoSchedule', {
        from: [20, 20 + soon],
        to: [40, 40 + soon],
      }),
    ],
  },
  {
    role: 'crashing',
    faults: 'Crash after 20s for 45s',
    until: 80,
    look: (looked) => lost(looked, 65, 5),
  },
  {
    role: 'never',
    faults: 'NeverJoin',
    until: 60,
    look: ({ cluster, node }) => {
      const found = cluster.nodes.history(node.name).length;
      return [
        {
          intended: 'no Node',
          observed: found === 0 ? 'no Node' : 'a Node',
          isAsIntended: found === 0,
        },
      ];
    },
  },
  {
    role: 'late',
    faults: 'LateJoin for 30s',
    until: 50,
    look: ({ cluster, node }) => {
      const [first] = cluster.nodes.history(node.name);
      const at =
        first === undefined ? Number.NaN : (cluster.nodes.seenAt(first) - node.origin) / 1000;
      return [atTime('the Node is created', 30, at)];
    },
  },
  {
    role: 'misnamed',
    faults: 'WrongProviderID providerID=other://1',
    until: 40,
    look: ({ cluster, node }) => {
      const found = cluster.nodes.get(node.name)?.spec?.providerID ?? 'none';
      return [
        { intended: 'providerID other://1', observed: found, isAsIntended: found === 'other://1' },
      ];
    },
  },
  {
    role: 'slow',
    faults: 'SlowHeartbeat delay=7s after 10s',
    until: 85,
    look: ({ cluster, node }) => {
      const seen = cluster.leases.history(node.name).map((lease) => cluster.leases.seenAt(lease));
      const late = seen.filter((time) => time - node.origin > 25_000);
      const gaps = late.slice(1).map((time, index) => (time - (late[index] ?? 0)) / 1000);
      const isAsIntended = gaps.length >= 2 && gaps.every((gap) => Math.abs(gap - 17) < 2.5);
      const observed = `every ${gaps.map((gap) => gap.toFixed(1)).join(', ')} s`;
      return [{ intended: 'renewals every 17 s, not 10', observed, isAsIntended }];
    },
  },
  {
    role: 'slowandunwell',
    faults: 'SlowHeartbeat delay=80s; NotReady after 15s for 50s',
    until: 80,
    look: (looked) => givenUp(looked, { notReady: 15, healed: 65 }),
  },
  {
    role: 'delayed',
    faults: 'APILatency delay=700ms after 10s',
    until: 60,
    look: ({ cluster, node }) => {
      const late = cluster.leases.history(node.name).map((lease) => {
        const renewed = Date.parse(lease.spec?.renewTime ?? '');
        return cluster.leases.seenAt(lease) - renewed;
      });
      const last = late.slice(-2);
      const isAsIntended =
        last.length === 2 && last.every((time) => time > 650 && time < 700 + soon * 1000);
      const observed = `${last.map((time) => time.toFixed(0)).join(', ')} ms`;
      return [{ intended: 'a lease is stored 700 ms after its renewTime', observed, isAsIntended }];
    },
  },
  {
    role: 'failing',
    faults: 'APIErrors code=503 after 20s for 40s',
    until: 75,
    look: (looked) => lost(looked, 60, 12),
  },
];

function atTime(what: string, intended: number, observed: number): Seen {
  const error = (observed - intended) * 1000;
  return {
    intended: `${what} at ${intended} s`,
    observed: `${observed.toFixed(2)} s`,
    isAsIntended: Math.abs(error) < soon * 1000,
    errors: [error],
  };
}

/** The condition changes at these times, to and fro, and its transition times say so. */
function flips(
  { cluster, node }: Looked,
  due: readonly number[],
  type = 'Ready',
  statuses = ['False', 'True'],
): Seen {
  const all = transitionsOf(cluster.nodes, node, type);
  const first = all.findIndex(({ at, status }) => status === statuses[0] && at > 12);
  const seen = first < 0 ? [] : all.slice(first);
  const errors = due.map((time, index) => ((seen[index]?.at ?? Number.NaN) - time) * 1000);
  const isRight = (transition: Transition | undefined, index: number): boolean =>
    transition !== undefined &&
    transition.status === statuses[index % 2] &&
    Math.abs(transition.at - (due[index] ?? 0)) < soon &&
    transition.at - transition.storedAt > -0.1 &&
    transition.at - transition.storedAt < soon + 1;
  return {
    intended: `${type} ${statuses.join(', ')} at ${due.join(', ')} s`,
    observed: seen.map(({ at }) => at.toFixed(2)).join(', '),
    isAsIntended:
      seen.length === due.length && due.every((_, index) => isRight(seen[index], index)),
    errors,
  };
}

/** The lifecycle controller gives the node up; all is well as soon as it is back. */
function lost({ cluster, node }: Looked, healed: number, within: number): Seen[] {
  const [unknown, back] = transitionsOf(cluster.nodes, node).filter(({ at }) => at > 15);
  const from = unknown?.status === 'Unknown' ? unknown.at : Number.NaN;
  const to = back?.status === 'True' ? back.at : Number.NaN;
  const conditions = cluster.nodes.get(node.name)?.status?.conditions ?? [];
  const isWhole = conditions.every(({ status }) => status !== 'Unknown');
  return [
    {
      intended: `Ready Unknown ${unknownAfter.from} to ${unknownAfter.to} s after 20 s`,
      observed: `${from.toFixed(2)} s`,
      isAsIntended: from > 20 + unknownAfter.from && from < 20 + unknownAfter.to,
    },
    {
      intended: `Ready True within ${within} s after ${healed} s`,
      observed: `${to.toFixed(2)} s`,
      isAsIntended: isWhole && to >= healed - 0.1 && to < healed + within,
      errors: [(to - healed) * 1000],
    },
  ];
}

/** Its status is all that is heard of the node: it is given up, and NotReady again at its next sync. */
function givenUp(
  { cluster, node }: Looked,
  { notReady, healed }: { notReady: number; healed: number },
): Seen[] {
  const all = transitionsOf(cluster.nodes, node).filter(({ at }) => at > notReady - 1);
  const [first, unknown, again] = all;
  const last = all.at(-1);
  const statuses = all.map(({ status }) => status).join(', ');
  const [from, to] = [unknown?.at ?? Number.NaN, again?.at ?? Number.NaN];
  return [
    atTime('Ready False', notReady, first?.at ?? Number.NaN),
    {
      intended: 'Ready False, Unknown 20 to 24 s later, False within 12 s, and so on; True',
      observed: `${statuses} at ${all.map(({ at }) => at.toFixed(2)).join(', ')} s`,
      isAsIntended:
        /^(False, Unknown, )+(False, )?True$/.test(statuses) &&
        from > notReady + 19 &&
        from < notReady + 24 + soon &&
        to - from < 12,
    },
    atTime('Ready True', healed, last?.at ?? Number.NaN),
  ];
}

interface Span {
  from: readonly [number, number];
  to: readonly [number, number];
}

function taint({ cluster, node }: Looked, name: string, { from, to }: Span): Seen {
  const span = taintSpan(cluster.nodes, node, name);
  return {
    intended: `taint ${name} from ${from.join('–')} to ${to.join('–')} s`,
    observed: span === undefined ? 'none' : `${span.from.toFixed(2)} to ${span.to.toFixed(2)} s`,
    isAsIntended: span !== undefined && isWithin(span.from, from) && isWithin(span.to, to),
  };
}

/** The node's Pod, which tolerates taints for 1 s. */
function eviction(
  { cluster, node }: Looked,
  { from, gone }: { from: readonly [number, number]; gone: readonly [number, number] },
): Seen {
  const all = cluster.pods.history(`${node.name}-pod`);
  const evicted = all.find(({ metadata }) => metadata.deletionTimestamp !== undefined);
  const last = all.at(-1);
  const seconds = (version: typeof last): number =>
    version === undefined ? Number.NaN : (cluster.pods.seenAt(version) - node.origin) / 1000;
  const isGone = cluster.pods.get(`${node.name}-pod`) === undefined;
  const [start, end] = [seconds(evicted), seconds(last)];
  return {
    intended: `its Pod is deleted at ${from.join('–')} s, gone at ${gone.join('–')} s`,
    observed: `${start.toFixed(2)} s, ${isGone ? end.toFixed(2) : 'never'} s`,
    isAsIntended:
      isGone && start >= from[0] && start <= from[1] && end >= gone[0] - 0.1 && end <= gone[1],
  };
}

function isWithin(time: number, [low, high]: readonly [number, number]): boolean {
  return time >= low - 0.1 && time <= high;
}
