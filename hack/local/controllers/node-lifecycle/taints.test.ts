import test from 'ava';
import type { Node } from '#api/core.ts';
import type { Taint } from '../objects/kinds.ts';
import { withNoExecuteTaints, withNoScheduleTaints } from './taints.ts';

const now = '2030-01-01T00:00:00Z';

function node(
  conditions: Record<string, string>,
  taints: Taint[] = [],
  unschedulable = false,
): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec: { taints, unschedulable },
    status: {
      conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })),
    },
  };
}

const taint = (key: string, effect: string, timeAdded = 'earlier'): Taint => ({
  key: `node.kubernetes.io/${key}`,
  effect,
  timeAdded,
});

const noSchedule = test.macro<[Node, string[] | undefined]>({
  exec(t, given, keys) {
    const taints = withNoScheduleTaints(given, now);
    t.deepEqual(
      taints?.map(({ key, effect }) => `${key}:${effect}`),
      keys?.map((key) => `node.kubernetes.io/${key}`),
    );
  },
  title: (title = '') => `NoSchedule taints: ${title}`,
});

test('a Ready node needs none', noSchedule, node({ Ready: 'True' }), undefined);
test('Ready=False is not-ready', noSchedule, node({ Ready: 'False' }), ['not-ready:NoSchedule']);
test('Ready=Unknown is unreachable', noSchedule, node({ Ready: 'Unknown' }), [
  'unreachable:NoSchedule',
]);
test(
  'pressures and the cordon add up',
  noSchedule,
  node(
    { Ready: 'True', MemoryPressure: 'True', DiskPressure: 'True', PIDPressure: 'True' },
    [],
    true,
  ),
  [
    'memory-pressure:NoSchedule',
    'disk-pressure:NoSchedule',
    'pid-pressure:NoSchedule',
    'unschedulable:NoSchedule',
  ],
);
test('an Unknown pressure is no fault', noSchedule, node({ MemoryPressure: 'Unknown' }), undefined);
test(
  "the admission plugin's taint goes when the node is Ready",
  noSchedule,
  node({ Ready: 'True' }, [taint('not-ready', 'NoSchedule')]),
  [],
);
test(
  'NoExecute taints and foreign ones stay',
  noSchedule,
  node({ Ready: 'True' }, [
    taint('not-ready', 'NoSchedule'),
    taint('not-ready', 'NoExecute'),
    taint('other', 'NoSchedule'),
  ]),
  ['not-ready:NoExecute', 'other:NoSchedule'],
);

test('a taint that stays keeps the time it was added', (t) => {
  const before = node({ Ready: 'False' }, [taint('not-ready', 'NoSchedule')]);
  t.is(withNoScheduleTaints(before, now), undefined);
  const added = withNoScheduleTaints(
    node({ Ready: 'False', DiskPressure: 'True' }, [taint('not-ready', 'NoSchedule')]),
    now,
  );
  t.deepEqual(
    added?.map(({ timeAdded }) => timeAdded),
    ['earlier', now],
  );
});

test('NoExecute follows Ready, and one kind replaces the other', (t) => {
  const unreachable = withNoExecuteTaints(
    node({ Ready: 'Unknown' }, [taint('not-ready', 'NoExecute')]),
    true,
    now,
  );
  t.deepEqual(unreachable, [taint('unreachable', 'NoExecute', now)]);
  t.is(withNoExecuteTaints(node({ Ready: 'True' }), true, now), undefined);
  t.deepEqual(withNoExecuteTaints(node({}), true, now), [taint('unreachable', 'NoExecute', now)]);
});

test('NoExecute taints are withdrawn while nothing may be evicted', (t) => {
  const before = node({ Ready: 'False' }, [taint('not-ready', 'NoExecute')]);
  t.deepEqual(withNoExecuteTaints(before, false, now), []);
});
