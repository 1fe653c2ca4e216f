/** Nodes of ours and real kubemarks before the embedded API server with the real controller manager and scheduler. */
import test from 'ava';
import { checkAll } from './checks/all.ts';
import { sharedCluster } from './harness/cluster.ts';
import { openEmbeddedControlPlane } from './harness/control-plane.ts';

const cluster = sharedCluster(openEmbeddedControlPlane);
test.after.always('the control plane ends', cluster.close);

checkAll(cluster.get);
