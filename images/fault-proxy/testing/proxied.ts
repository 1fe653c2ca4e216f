import type { ExecutionContext } from 'ava';
import { nodes, type Node, type NodeCondition } from '#api/core.ts';
import type { Fault } from '#api/faults/decode.ts';
import { healthyConditions } from '#api/faults/conditions.ts';
import { timestamp } from '#api/timestamp.ts';
import { plainConfig } from '#runtime/client/cluster-config.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { connect } from '#runtime/testing/http-peer.ts';
import { startApiServer } from '#test/helpers/api-server.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { HttpApi } from '#local/apiserver/testing.ts';
import { startFaultProxy } from '../fault-proxy.ts';

/** A proxy before an API server, both on a clock that stands still. The node is `n1`. */
export async function startProxied(t: ExecutionContext, ...faults: Fault[]) {
  const clock = new FakeClock();
  const { server, url } = await startApiServer(t, { clock });
  const controller = new AbortController();
  const proxy = await startFaultProxy({
    host: '127.0.0.1',
    port: 0,
    nodeName: 'n1',
    faultsOf: () => faults,
    config: plainConfig(url),
    clock,
    log: silentLogger,
    signal: controller.signal,
    random: () => 0.5,
  });
  t.teardown(async () => {
    controller.abort();
    await proxy.ended;
  });
  const client = connect(t, url);
  const requests: string[] = [];
  server.onRequest(({ verb, resource, subresource, code }) => {
    requests.push(`${verb} ${resource}${subresource && `/${subresource}`} ${code}`);
  });
  const node = (): Promise<Node | undefined> =>
    ifFound(client.get(nodes, { namespace: '', name: 'n1' }));
  const condition = async (type = 'Ready'): Promise<NodeCondition | undefined> =>
    (await node())?.status?.conditions?.find((one) => one.type === type);
  await eventually(async () => requests.includes('watch nodes 200'));
  return {
    clock,
    server,
    proxy,
    client,
    kubelet: new HttpApi(t, proxy.url),
    requests,
    node,
    condition,
  };
}

/** Waits in real time until `check` holds: sockets need it, clocks that stand still do not. */
export async function eventually(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await realClock.sleep(5);
}

/** What a kubelet registers. */
export function newNode(clock: FakeClock, overrides: Partial<NodeCondition> = {}): Node {
  const now = timestamp(clock.now());
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  const conditions = healthyConditions.map((value) => ({
    ...value,
    ...times,
    ...(value.type === 'Ready' && overrides),
  }));
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1' },
    spec: { providerID: 'kubemark://n1' },
    status: { conditions },
  };
}

/** A patch of the Ready condition, with the fields that a kubelet found different. */
export function readyPatch(fields: Partial<NodeCondition>): object {
  return {
    status: {
      '$setElementOrder/conditions': [{ type: 'Ready' }],
      conditions: [{ type: 'Ready', ...fields }],
    },
  };
}
