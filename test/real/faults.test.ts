/** Every type of fault with both injectors, before a real API server, controller manager and scheduler. */
import test from 'ava';
import { pods } from '#api/core.ts';
import { cases, type Case } from './faults/cases.ts';
import { injectors, type Injector } from './faults/injectors.ts';
import { writeReport, type Row } from './faults/report.ts';
import { sharedCluster } from './harness/cluster.ts';
import { openRealControlPlane } from './harness/control-plane.ts';
import { eventually, pause } from './harness/eventually.ts';
import { newPod } from './harness/objects.ts';
import { conditionOf } from './faults/transitions.ts';

const shared = sharedCluster(openRealControlPlane);
const rows: Row[] = [];
test.after.always('the control plane ends', async () => {
  await writeReport(rows);
  await shared.close();
});

for (const injector of injectors) {
  for (const one of cases) {
    test(`${injector.title}: ${one.faults}`, async (t) => {
      t.timeout(240_000);
      const seen = await play(injector, one);
      for (const { intended, observed, isAsIntended } of seen) {
        t.true(isAsIntended, `${intended}; observed: ${observed}`);
      }
    });
  }
}

async function play(injector: Injector, one: Case): Promise<Row['seen'][]> {
  const cluster = await shared.get();
  const node = await injector.start(cluster, one.role, one.faults);
  try {
    const end = node.origin + one.until * 1000;
    if (one.needsPod) {
      const isReady = (): boolean =>
        conditionOf(cluster.nodes.get(node.name), 'Ready')?.status === 'True';
      await eventually(`${node.name} is Ready`, isReady);
      const pod = newPod(`${node.name}-pod`, node.name, {
        tolerations: [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }],
      });
      await cluster.client.create(pods, pod);
    }
    await pause((end - performance.timeOrigin - performance.now()) / 1000);
    const seen = one.look({ cluster, node, injector });
    rows.push(...seen.map((each) => ({ injector, case: one, seen: each })));
    return seen;
  } finally {
    await node.stop();
  }
}
