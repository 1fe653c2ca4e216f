import test from 'ava';
import type { Pod } from '#api/core.ts';
import { parseResources, requestsOf } from './resources.ts';

type Container = NonNullable<Pod['spec']>['containers'][number];

const container = (requests: Record<string, string>, restartPolicy?: string): Container => ({
  name: 'c',
  resources: { requests },
  ...(restartPolicy !== undefined && { restartPolicy }),
});

function pod(containers: Container[], more: Partial<Pod['spec']> = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers, ...more } };
}

test('cores are counted in thousandths, everything else in whole units', (t) => {
  t.deepEqual(parseResources({ cpu: '100m', memory: '3840Mi', pods: '110', 'a.b/gpu': '8' }), {
    cpu: 100,
    memory: 4026531840,
    pods: 110,
    'a.b/gpu': 8,
  });
  t.deepEqual(parseResources({ cpu: '0.57' }), { cpu: 570 });
  t.deepEqual(parseResources(undefined), {});
});

test('containers add up', (t) => {
  const given = pod([container({ cpu: '1' }), container({ cpu: '500m', memory: '1Ki' })]);
  t.deepEqual(requestsOf(given), { cpu: 1500, memory: 1024 });
});

test('an init container counts only where it asks for more than all others together', (t) => {
  const initContainers = [container({ cpu: '2', memory: '1' })];
  t.deepEqual(requestsOf(pod([container({ cpu: '1', memory: '5' })], { initContainers })), {
    cpu: 2000,
    memory: 5,
  });
});

test('a sidecar keeps its share beside later init containers and containers', (t) => {
  const initContainers = [
    container({ cpu: '1' }),
    container({ cpu: '1' }, 'Always'),
    container({ cpu: '2' }),
  ];
  t.deepEqual(requestsOf(pod([container({ cpu: '1' })], { initContainers })), { cpu: 3000 });
});

test('overhead comes on top', (t) => {
  const given = pod([container({ cpu: '1' })], { overhead: { cpu: '10m' } });
  t.deepEqual(requestsOf(given), { cpu: 1010 });
});
