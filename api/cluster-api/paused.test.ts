import test from 'ava';
import { pausedCondition, whyPaused } from './paused.ts';

const object = (annotations: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'KubemarkMachine',
  metadata: { name: 'a', annotations },
});

const paused = 'cluster.x-k8s.io/paused';
const moved = 'clusterctl.cluster.x-k8s.io/delete-for-move';

for (const [title, annotations, isClusterPaused, expected] of [
  ['nobody', {}, false, undefined],
  ['the Cluster', {}, true, 'Cluster spec.paused is set to true'],
  [
    'an annotation, whatever its value',
    { [paused]: 'false' },
    false,
    `KubemarkMachine has the ${paused} annotation`,
  ],
  ['a move', { [moved]: '' }, false, `KubemarkMachine has the ${moved} annotation`],
  [
    'all',
    { [paused]: '', [moved]: '' },
    true,
    `Cluster spec.paused is set to true, KubemarkMachine has the ${paused} annotation, KubemarkMachine has the ${moved} annotation`,
  ],
] as const) {
  test(`paused by ${title}`, (t) => {
    const cluster = { ...object(), spec: { paused: isClusterPaused } };
    t.is(whyPaused(object(annotations), cluster), expected);
  });
}

test('a Cluster that is not there does not pause', (t) => {
  t.is(whyPaused(object(), undefined), undefined);
});

test('the condition says why, and always something', (t) => {
  t.like(pausedCondition('why'), { status: 'True', reason: 'Paused', message: 'why' });
  t.like(pausedCondition(undefined), { status: 'False', reason: 'NotPaused' });
  t.not(pausedCondition(undefined).message, '');
});
