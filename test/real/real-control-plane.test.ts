/** Nodes of ours and real kubemarks before a real API server, controller manager and scheduler. */
import test from 'ava';
import { checkAll, testInSlot } from './checks/all.ts';
import { compareObjects } from './checks/likeness.ts';
import { sharedCluster } from './harness/cluster.ts';
import { openRealControlPlane } from './harness/control-plane.ts';

const cluster = sharedCluster(openRealControlPlane);
test.after.always('the control plane ends', cluster.close);

testInSlot('a hollow-node writes what a kubemark writes, but for what is known', async (t) => {
  await compareObjects(t, await cluster.get());
});

checkAll(cluster.get);
