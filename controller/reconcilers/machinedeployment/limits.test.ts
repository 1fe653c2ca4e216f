import test from 'ava';
import { resolveLimits, type IntOrPercent, type Limits } from './limits.ts';

const rows: [number, IntOrPercent | undefined, IntOrPercent | undefined, Limits][] = [
  [3, undefined, undefined, { maxSurge: 1, maxUnavailable: 0 }],
  [10, '25%', '25%', { maxSurge: 3, maxUnavailable: 2 }],
  [100, '7%', '7%', { maxSurge: 7, maxUnavailable: 7 }],
  [1, '1%', '99%', { maxSurge: 1, maxUnavailable: 0 }],
  [3, 0, 0, { maxSurge: 0, maxUnavailable: 1 }],
  [3, '0%', '10%', { maxSurge: 0, maxUnavailable: 1 }],
  [3, 0, 7, { maxSurge: 0, maxUnavailable: 3 }],
  [0, '50%', 1, { maxSurge: 0, maxUnavailable: 1 }],
];

for (const [replicas, maxSurge, maxUnavailable, limits] of rows) {
  test(`surge ${maxSurge} and unavailable ${maxUnavailable} of ${replicas}`, (t) => {
    const given = {
      ...(maxSurge !== undefined && { maxSurge }),
      ...(maxUnavailable !== undefined && { maxUnavailable }),
    };
    t.deepEqual(resolveLimits(replicas, given), limits);
  });
}
