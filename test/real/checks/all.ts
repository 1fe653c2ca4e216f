import test from 'ava';
import type { Cluster } from '../harness/cluster.ts';
import { Stage } from '../harness/stage.ts';
import { subjects } from '../subjects.ts';
import { outage } from './outage.ts';
import { podChecks } from './pods.ts';
import { registration } from './registration.ts';

/** A test for each subject and check. They overlap, each with nodes of its own in one cluster. */
export function checkAll(getCluster: () => Promise<Cluster>): void {
  for (const subject of subjects) {
    for (const [title, check] of Object.entries({ ...registration, ...podChecks, ...outage })) {
      test(`${subject.name} ${title}`, async (t) => {
        t.timeout(180_000);
        await check(t, new Stage(t, await getCluster(), subject));
      });
    }
  }
}
