import test from 'ava';
import type { Pod } from '#api/core.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { FakeRuntime } from './fake-runtime.ts';
import { PodAddresses } from './pod-addresses.ts';
import type { PodReport } from './pod-runtime.ts';
import { phaseOf } from './pod-status.ts';

function setup() {
  const clock = new FakeClock();
  const runtime = new FakeRuntime({ clock, addresses: new PodAddresses('node') });
  const start = (started: Pod): PodReport => {
    const reports: PodReport[] = [];
    runtime.start(started, (report) => void reports.push(report));
    return reports[0] ?? { containers: [] };
  };
  return { clock, runtime, start };
}

function pod(uid: string, rest: Partial<Pod> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: uid, uid },
    spec: {
      initContainers: [
        { name: 'setup', image: 'i' },
        { name: 'sidecar', image: 'i', restartPolicy: 'Always' },
      ],
      containers: [{ name: 'a', image: 'i' }, { name: 'b' }],
    },
    ...rest,
  };
}

test('a Pod runs at once, with an address of its own', (t) => {
  const { start } = setup();
  const report = start(pod('u1'));
  t.is(phaseOf({ pod: pod('u1'), report, isStopped: false }), 'Running');
  t.deepEqual(
    report.containers.map(({ name, ready }) => [name, ready]),
    [
      ['a', true],
      ['b', true],
    ],
  );
  t.truthy(report.podIP);
  t.not(start(pod('u2')).podIP, report.podIP);
});

test('stopping ends all containers and frees the address', async (t) => {
  const { runtime, start } = setup();
  const { podIP } = start(pod('u1'));
  const report = await runtime.stop(pod('u1'));
  t.is(phaseOf({ pod: pod('u1'), report, isStopped: true }), 'Succeeded');
  for (const status of report.containers) t.is(status.state?.terminated?.exitCode, 0);
  t.false(report.containers.some(({ ready }) => ready));
  t.is(start(pod('u2', podIP === undefined ? {} : { status: { podIP } })).podIP, podIP);
});

test('a Pod from before a restart keeps its address and its containers', async (t) => {
  const before = setup();
  const { podIP, containers } = before.start(pod('u1'));
  const after = setup();
  await after.clock.advance(60_000);
  const status = { podIP: podIP ?? '', containerStatuses: [...containers] };
  t.like(after.start(pod('u1', { status })), { podIP, containers });
});

test('stopping a Pod that was never started is nothing', async (t) => {
  t.deepEqual(await setup().runtime.stop(pod('u1')), { containers: [] });
});

test('containers are named uniquely, and images with their tag', (t) => {
  const { start } = setup();
  const containersOf = (image: string, uid = 'u1') =>
    start(pod(uid, { spec: { containers: [{ name: 'a', image }] } })).containers;
  t.deepEqual(
    ['a', 'a:1', 'localhost:5000/a', 'a/b@sha256:0', ''].map((image) => {
      const [status] = containersOf(image);
      return [status?.image, status?.imageID];
    }),
    ['a:latest', 'a:1', 'localhost:5000/a:latest', 'a/b@sha256:0', ''].map((name) => [name, name]),
  );
  t.not(containersOf('a', 'u1')[0]?.containerID, containersOf('a', 'u2')[0]?.containerID);
});
