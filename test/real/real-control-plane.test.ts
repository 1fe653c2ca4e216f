/** Nodes of ours and real kubemarks before a real API server, controller manager and scheduler. */
import test from 'ava';
import { registration } from './checks/registration.ts';
import { sharedCluster } from './harness/cluster.ts';
import { openRealControlPlane } from './harness/control-plane.ts';
import { Stage } from './harness/stage.ts';
import { subjects } from './subjects.ts';

const cluster = sharedCluster(openRealControlPlane);
test.after.always('the control plane ends', cluster.close);

for (const subject of subjects) {
  for (const [title, check] of Object.entries({ ...registration })) {
    test(`${subject.name} ${title}`, async (t) => {
      t.timeout(120_000);
      await check(t, new Stage(t, await cluster.get(), subject));
    });
  }
}
