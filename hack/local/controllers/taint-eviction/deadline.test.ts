import test from 'ava';
import type { Taint, Toleration } from '../objects/kinds.ts';
import { allowedStay } from './deadline.ts';

const notReady: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' };
const custom: Taint = { key: 'k', value: 'v', effect: 'NoExecute' };
const forNotReady = (tolerationSeconds?: number): Toleration => ({
  key: notReady.key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds !== undefined && { tolerationSeconds }),
});

const stays = test.macro<[Taint[], Toleration[], number]>((t, taints, tolerations, expected) => {
  t.is(allowedStay(taints, tolerations), expected);
});

test('no taint: for ever', stays, [], [], Infinity);
test('no toleration: not at all', stays, [notReady], [], 0);
test('tolerationSeconds: that long', stays, [notReady], [forNotReady(300)], 300_000);
test('no tolerationSeconds: for ever', stays, [notReady], [forNotReady()], Infinity);
test('negative tolerationSeconds: not at all', stays, [notReady], [forNotReady(-5)], 0);
test('one of two taints tolerated: not at all', stays, [notReady, custom], [forNotReady()], 0);
test(
  'the shortest limit counts',
  stays,
  [notReady, custom],
  [forNotReady(300), { key: 'k', value: 'v', tolerationSeconds: 10 }],
  10_000,
);
test(
  'a limit counts even beside an unlimited toleration of the same taint',
  stays,
  [notReady],
  [forNotReady(300), { operator: 'Exists' }],
  300_000,
);
test(
  'a limit for another taint does not count',
  stays,
  [custom],
  [forNotReady(5), { operator: 'Exists' }],
  Infinity,
);
test('another value is not tolerated', stays, [custom], [{ key: 'k', value: 'w' }], 0);
test(
  'another effect is not tolerated',
  stays,
  [custom],
  [{ key: 'k', value: 'v', effect: 'NoSchedule' }],
  0,
);
test('a toleration without key and operator tolerates nothing', stays, [custom], [{}], 0);
