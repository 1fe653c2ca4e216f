import test from 'ava';
import {
  desiredReplicasAnnotation,
  revisionAnnotation,
  revisionHistoryAnnotation,
} from '#api/machine/v1beta1/machine-deployment.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { annotationsOfNewSet, nextRevision, revisionOf } from './revision.ts';

function annotated(annotations: Record<string, string>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'X', metadata: { annotations } };
}

const ofRevision = (revision: string): KubernetesObject =>
  annotated({ [revisionAnnotation]: revision });

test('the first revision is 1', (t) => {
  t.is(nextRevision(undefined, []), 1);
  t.is(nextRevision(annotated({}), []), 1);
});

test('a new set is above all others', (t) => {
  t.is(nextRevision(undefined, [ofRevision('7'), ofRevision('2')]), 8);
  t.is(nextRevision(ofRevision('2'), [ofRevision('7')]), 8);
});

test('a revision that is above all others stays', (t) => {
  t.is(nextRevision(ofRevision('9'), [ofRevision('7')]), 9);
});

for (const revision of ['', 'x', '-3', '1.5', '1e99', 'NaN']) {
  test(`"${revision}" is no revision`, (t) => t.is(revisionOf(ofRevision(revision)), 0));
}

test('what a template was before goes to its history, once', (t) => {
  const first = annotationsOfNewSet(annotated({}), { [revisionAnnotation]: '1' }, 3);
  t.deepEqual(first, { [revisionAnnotation]: '3', [revisionHistoryAnnotation]: '1' });
  t.deepEqual(annotationsOfNewSet(annotated({ note: 'x' }), first, 3), { ...first, note: 'x' });
  const again = annotationsOfNewSet(annotated({}), first, 5);
  t.deepEqual(again, { [revisionAnnotation]: '5', [revisionHistoryAnnotation]: '1,3' });
});

test('annotations of the deployment are copied, but those that are of each object itself', (t) => {
  const deployment = annotated({
    note: 'x',
    [revisionAnnotation]: '4',
    [desiredReplicasAnnotation]: '9',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
  });
  const copied = annotationsOfNewSet(deployment, { own: 'y' }, 1);
  t.deepEqual(copied, { own: 'y', note: 'x', [revisionAnnotation]: '1' });
});
