import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Pod } from '#api/core.ts';
import { pods } from '#api/core.ts';
import { startHollowNode } from '#test/helpers/hollow-node.ts';
import type { ContainerStatus, PodReport, PodRuntime } from './pod-runtime.ts';

const second = 1000;
const key = { namespace: 'default', name: 'p1' };

type State = NonNullable<ContainerStatus['state']>;

const running: State = { running: { startedAt: '2030-01-01T00:00:00Z' } };
const exited: State = { terminated: { exitCode: 0 } };
const waiting = (reason: string): State => ({ waiting: { reason } });
const crashed: State = { terminated: { exitCode: 1 } };

/** A runtime that does what the test says. */
class ScriptedRuntime implements PodRuntime {
  readonly calls: string[] = [];
  report: (state: State, rest?: Partial<ContainerStatus>) => void = () => {};
  /** Settles the stop that waits. */
  stopped = Promise.withResolvers<PodReport>();

  start(pod: Pod, report: (report: PodReport) => void): void {
    this.calls.push(`start ${pod.metadata.name}`);
    this.report = (state, rest) => report(reportOf(state, rest));
  }

  stop(pod: Pod): Promise<PodReport> {
    this.calls.push(`stop ${pod.metadata.name}`);
    return this.stopped.promise;
  }
}

function reportOf(state: State, rest: Partial<ContainerStatus> = {}): PodReport {
  const ready = state.running !== undefined;
  const status = { name: 'c', image: 'i', imageID: '', ready, restartCount: 0, state };
  return { podIP: '10.0.0.1', containers: [{ ...status, ...rest }] };
}

/** A node with one Pod, which the runtime was told to start. */
async function startPod(t: ExecutionContext, args: string[] = []) {
  const runtime = new ScriptedRuntime();
  const node = await startHollowNode(t, { args, runtime });
  const { client, clock } = node;
  const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] };
  await client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: key, spec });
  await clock.advance(1);
  const status = (): Pod['status'] => client.all(pods)[0]?.status;
  const deletions = (): number =>
    client.requests.filter(({ verb, resource }) => verb === 'delete' && resource === 'pods').length;
  return { ...node, runtime, status, deletions };
}

test('nothing is said about a Pod before its runtime has', async (t) => {
  const { runtime, status } = await startPod(t);
  t.deepEqual(runtime.calls, ['start p1']);
  t.is(status(), undefined);
});

test('what the runtime reports is shown: pulling, running, crashing, restarting', async (t) => {
  const { clock, runtime, status } = await startPod(t);
  const shown = async (state: State, rest?: Partial<ContainerStatus>) => {
    runtime.report(state, rest);
    await clock.advance(1);
    const [container] = status()?.containerStatuses ?? [];
    const { reason } = container?.state?.waiting ?? {};
    return [status()?.phase, container?.ready, container?.restartCount, reason];
  };
  t.deepEqual(await shown(waiting('ErrImagePull')), ['Pending', false, 0, 'ErrImagePull']);
  t.deepEqual(await shown(running), ['Running', true, 0, undefined]);
  t.deepEqual(await shown(waiting('CrashLoopBackOff'), { lastState: crashed, restartCount: 0 }), [
    'Running',
    false,
    0,
    'CrashLoopBackOff',
  ]);
  t.deepEqual(await shown(running, { restartCount: 1 }), ['Running', true, 1, undefined]);
  t.deepEqual(runtime.calls, ['start p1']);
});

test('reports that come while one is being written end in the last one', async (t) => {
  const { client, clock, runtime, status } = await startPod(t);
  client.after = () => clock.sleep(1 * second);
  for (let restartCount = 0; restartCount < 50; restartCount++) {
    runtime.report(running, { restartCount });
    await clock.advance(20);
  }
  await clock.advance(5 * second);
  t.is(status()?.containerStatuses?.[0]?.restartCount, 49);
  const patches = client.requests.filter(({ subresource }) => subresource === 'status');
  t.true(patches.length <= 4, `${patches.length}`);
});

test('a Pod stays until its containers have ended, however long that takes', async (t) => {
  const { client, clock, runtime, status, deletions } = await startPod(t);
  runtime.report(running);
  await client.delete(pods, key);
  await clock.advance(60 * second);
  t.deepEqual(runtime.calls, ['start p1', 'stop p1']);
  t.is(deletions(), 1);
  t.is(status()?.phase, 'Running');
  const seen: (string | undefined)[] = [];
  client.before = ({ verb, resource }) => {
    if (verb === 'delete' && resource === 'pods') seen.push(status()?.phase);
  };
  runtime.stopped.resolve(reportOf(exited));
  await clock.advance(1);
  t.deepEqual(seen, ['Succeeded']);
  t.deepEqual(client.all(pods), []);
});

test('containers that end while the node is NotReady are told about afterwards', async (t) => {
  const { client, clock, runtime, status } = await startPod(t, [
    '--turn-unhealthy-periodically',
    '--healthy-duration=40s',
    '--unhealthy-duration=20s',
  ]);
  runtime.report(running);
  await clock.advance(30 * second);
  await client.delete(pods, key);
  await clock.advance(15 * second);
  runtime.stopped.resolve(reportOf(exited));
  await clock.advance(14 * second);
  t.is(status()?.phase, 'Running');
  await clock.advance(1 * second);
  t.deepEqual(client.all(pods), []);
});

test('a runtime that cannot stop its containers does not keep the Pod', async (t) => {
  const { client, clock, runtime } = await startPod(t);
  runtime.report(running);
  await client.delete(pods, key);
  runtime.stopped.reject(new Error('device busy'));
  await clock.advance(1);
  t.deepEqual(client.all(pods), []);
});

test('a Pod that is gone from the API is stopped, and reports about it are ignored', async (t) => {
  const { client, clock, runtime } = await startPod(t);
  runtime.report(running);
  await clock.advance(1);
  await client.delete(pods, key, { gracePeriodSeconds: 0 });
  await clock.advance(1);
  t.deepEqual(runtime.calls, ['start p1', 'stop p1']);
  client.requests.length = 0;
  runtime.report(crashed);
  runtime.stopped.resolve(reportOf(exited));
  await clock.advance(5 * second);
  t.deepEqual(client.requests, []);
});

test('a Pod of the same name is another Pod', async (t) => {
  const { client, clock, runtime, status } = await startPod(t);
  runtime.report(running);
  await clock.advance(1);
  const [old] = client.all(pods);
  await client.delete(pods, key, { gracePeriodSeconds: 0 });
  const { spec = { containers: [] } } = old ?? {};
  await client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: key, spec });
  await clock.advance(1);
  t.deepEqual(runtime.calls.toSorted(), ['start p1', 'start p1', 'stop p1']);
  runtime.report(running);
  await clock.advance(1);
  t.is(status()?.phase, 'Running');
});

test('a Pod that has finished is left alone, and can be deleted', async (t) => {
  const { client, clock } = await startHollowNode(t);
  const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] };
  const status = { phase: 'Succeeded' };
  await client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: key, spec, status });
  await clock.advance(5 * second);
  t.deepEqual(client.all(pods)[0]?.status, status);
  await client.delete(pods, key);
  await clock.advance(1);
  t.deepEqual(client.all(pods), []);
});
