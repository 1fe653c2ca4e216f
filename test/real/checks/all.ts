import test, { type ExecutionContext } from 'ava';
import type { Cluster } from '../harness/cluster.ts';
import { Slots } from '../harness/slots.ts';
import { Stage } from '../harness/stage.ts';
import { hollowNode, subjects, type Subject } from '../subjects.ts';
import type { Checks } from './check.ts';
import { faults } from './faults.ts';
import { kubectlChecks } from './kubectl.ts';
import { outage } from './outage.ts';
import { podChecks } from './pods.ts';
import { registration } from './registration.ts';

/** How many checks may run at the same time: most of their time they wait for somebody else. */
const slots = new Slots(8);

/** A test for each subject and check. They overlap, each with nodes of its own in one cluster. */
export function checkAll(getCluster: () => Promise<Cluster>): void {
  const declare = (name: string, subject: Subject, checks: Checks): void => {
    for (const [title, check] of Object.entries(checks)) {
      testInSlot(`${name}: ${title}`, async (t) => {
        await check(t, new Stage(t, await getCluster(), subject));
      });
    }
  };
  declare(hollowNode.name, hollowNode, faults);
  for (const checks of [outage, registration, podChecks]) {
    for (const subject of subjects) declare(subject.name, subject, checks);
  }
  declare('kubectl', hollowNode, kubectlChecks);
}

/** A test that waits for its turn before its time counts. */
export function testInSlot(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  test(title, (t) =>
    slots.run(async () => {
      t.timeout(180_000);
      await body(t);
    }),
  );
}
