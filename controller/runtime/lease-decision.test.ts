import test from 'ava';
import { leases, type Lease } from '#api/core.ts';
import { decide, leaseSpec, releasedSpec, type Decision } from './lease-decision.ts';

function lease(spec: Lease['spec']): Lease {
  const object = { apiVersion: 'coordination.k8s.io/v1', kind: leases.kind, metadata: {} };
  return spec === undefined ? object : { ...object, spec };
}

const theirs = { holderIdentity: 'they', leaseDurationSeconds: 15 };
const table: [string, Lease['spec'] | 'none', number, Decision][] = [
  ['no lease is there', 'none', 0, 'create'],
  ['it is ours', { holderIdentity: 'we', leaseDurationSeconds: 15 }, 60_000, 'renew'],
  ['it was released', { leaseDurationSeconds: 1 }, 0, 'take'],
  ['its holder is named by an empty text', { holderIdentity: '' }, 0, 'take'],
  ['it was never filled in', undefined, 0, 'take'],
  ['its holder lives', theirs, 14_999, 'wait'],
  ['its holder was silent for its duration', theirs, 15_000, 'take'],
  ['it states a shorter duration', { ...theirs, leaseDurationSeconds: 1 }, 1_000, 'take'],
  ['it states no duration', { holderIdentity: 'they' }, 9_999, 'wait'],
  ['it states no duration and ours is over', { holderIdentity: 'they' }, 10_000, 'take'],
];

for (const [when, spec, unchangedFor, decision] of table) {
  test(`when ${when}, a candidate decides to ${decision}`, (t) => {
    const since = 500;
    const observation = spec === 'none' ? undefined : { lease: lease(spec), since };
    t.is(decide(observation, 'we', since + unchangedFor, 10_000), decision);
  });
}

test("times that the holder wrote don't count: its clock may be wrong", (t) => {
  const spec = { ...theirs, renewTime: '1970-01-01T00:00:00.000000Z' };
  t.is(decide({ lease: lease(spec), since: 0 }, 'we', 1_000, 15_000), 'wait');
});

test('a renewal keeps the term, a new holder begins the next', (t) => {
  const first = leaseSpec(undefined, 'we', 15_000, Date.UTC(2030, 0, 1));
  t.deepEqual(first, {
    holderIdentity: 'we',
    leaseDurationSeconds: 15,
    acquireTime: '2030-01-01T00:00:00.000000Z',
    renewTime: '2030-01-01T00:00:00.000000Z',
    leaseTransitions: 0,
  });
  const renewed = leaseSpec(first, 'we', 15_000, Date.UTC(2030, 0, 1, 0, 0, 2));
  t.deepEqual(renewed, { ...first, renewTime: '2030-01-01T00:00:02.000000Z' });
  const taken = leaseSpec(renewed, 'they', 15_000, Date.UTC(2030, 0, 1, 0, 0, 20));
  t.like(taken, { holderIdentity: 'they', leaseTransitions: 1 });
  t.is(taken.acquireTime, taken.renewTime);
});

test('a released lease names no holder and keeps the count of terms', (t) => {
  const spec = releasedSpec({ holderIdentity: 'we', leaseTransitions: 3 }, 0);
  t.deepEqual(spec, {
    leaseDurationSeconds: 1,
    renewTime: '1970-01-01T00:00:00.000000Z',
    leaseTransitions: 3,
  });
});
