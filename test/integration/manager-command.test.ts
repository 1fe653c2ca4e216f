import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { leases } from '#api/core.ts';
import { hollowNodeImage } from '#local/programs.ts';
import { leaseName, systemNamespace } from '#manifests/names.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { until } from '#runtime/testing/until.ts';
import { startCommand, type Command } from '#test/helpers/command.ts';
import { newMachine, startStory, type Story } from '#test/helpers/story.ts';

async function startManager(
  t: ExecutionContext,
  story: Story,
  ...args: string[]
): Promise<Command> {
  const folder = await mkdtemp(join(tmpdir(), 'manager-command-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, story.cluster.server.kubeconfig());
  return startCommand(
    t,
    'controller/cmd/manager.ts',
    `--kubeconfig=${kubeconfig}`,
    `--hollow-node-image=${hollowNodeImage}`,
    '--metrics-addr=0',
    ...args,
  );
}

/** A story whose cluster has the namespace of an installation. */
async function startElection(t: ExecutionContext): Promise<Story> {
  const story = await startStory(t, { manager: false });
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemNamespace } };
  await story.cluster.apply([{ object, source: 'namespace' }]);
  return story;
}

const noProbes = '--health-addr=0';

test.serial('the manager works as a process and ends with exit code 0 on SIGTERM', async (t) => {
  const story = await startStory(t, { manager: false });
  const manager = await startManager(t, story, '--health-addr=127.0.0.1:19440');
  await story.create(newMachine('worker'));
  await story.runningNode('worker');
  const ready = await fetch('http://127.0.0.1:19440/readyz');
  t.is(ready.status, 200);
  for (const line of manager.stderr().trim().split('\n')) t.notThrows(() => JSON.parse(line));
  manager.process.kill('SIGTERM');
  t.is(await manager.ended, 0);
});

test.serial('a manager killed without warning is replaced by the next', async (t) => {
  const story = await startStory(t, { manager: false });
  const first = await startManager(t, story, noProbes);
  await story.create(newMachine('worker'));
  await story.eventually('there is a Pod', async () => (await story.hollowPods()).length > 0);
  first.process.kill('SIGKILL');
  t.is(await first.ended, 'SIGKILL');
  await startManager(t, story, noProbes);
  await story.runningNode('worker');
  t.is((await story.hollowPods()).length, 1);
});

test.serial('of two managers one leads, and the other takes over when it goes', async (t) => {
  const story = await startElection(t);
  const election = [
    noProbes,
    '--leader-elect',
    `--leader-elect-resource-namespace=${systemNamespace}`,
  ];
  const holder = async (): Promise<string | undefined> => {
    const key = { namespace: systemNamespace, name: leaseName };
    return (await ifFound(story.client.get(leases, key)))?.spec?.holderIdentity;
  };
  const first = await startManager(t, story, ...election);
  const leader = await story.eventually('somebody leads', holder);
  const second = await startManager(t, story, ...election);
  await until(() => second.stderr().includes('Waiting for the lease'));
  await story.create(newMachine('worker'));
  await story.runningNode('worker');
  t.false(second.stderr().includes('Creating hollow node Pod'));

  first.process.kill('SIGTERM'); // it releases the lease
  t.is(await first.ended, 0);
  await story.eventually('the other leads', async () => {
    const identity = await holder();
    return identity !== undefined && identity !== '' && identity !== leader;
  });
  await story.create(newMachine('another'));
  await story.runningNode('another');
  t.is(second.process.exitCode, null);
});

test.serial('a manager that loses its lease writes no more and fails', async (t) => {
  const story = await startElection(t);
  const manager = await startManager(
    t,
    story,
    noProbes,
    '--leader-elect',
    `--leader-elect-resource-namespace=${systemNamespace}`,
    '--leader-elect-lease-duration=3s',
    '--leader-elect-renew-deadline=2s',
    '--leader-elect-retry-period=200ms',
  );
  const key = { namespace: systemNamespace, name: leaseName };
  await story.eventually('it leads', async () => ifFound(story.client.get(leases, key)));
  await until(() => manager.stderr().includes('Starting workers'));
  await story.client.patch(leases, key, { spec: { holderIdentity: 'somebody else' } });
  t.is(await manager.ended, 1);
  t.regex(manager.stderr(), /lease is held by somebody else/);
  await story.create(newMachine('worker'));
  await story.quiet();
  t.deepEqual(await story.hollowPods(), []);
});

for (const [title, args, message] of [
  ['an unknown flag', ['--nope'], /^manager: unknown flag: --nope$/],
  [
    'a lease that ends before its renewal is given up',
    ['--leader-elect-lease-duration=10s'],
    /"10s" for "--leader-elect-lease-duration" flag: want more than --leader-elect-renew-deadline \(10s\)$/,
  ],
  [
    'a namespace',
    ['--pod-namespace=No_Such'],
    /"No_Such" for "--pod-namespace" flag: want the name/,
  ],
  ['an image', ['--hollow-node-image=a b'], /"a b" for "--hollow-node-image" flag: want an image/],
  ['a kubeconfig that is not there', ['--kubeconfig=/no/such/file'], /no such file/],
  ['an address', ['--health-addr=nowhere'], /"nowhere" is not an address/],
] as const) {
  test.serial(`what the manager cannot use is one clear message: ${title}`, async (t) => {
    const story = await startStory(t, { manager: false });
    const manager = await startManager(t, story, ...args);
    t.is(await manager.ended, 2);
    t.regex(manager.stderr().trim(), message);
    t.is(manager.stderr().trim().split('\n').length, 1);
  });
}

test.serial('a port that is taken is one line that says so', async (t) => {
  const story = await startStory(t, { manager: false });
  const { host } = new URL(story.cluster.url);
  const manager = await startManager(t, story, `--health-addr=${host}`);
  t.is(await manager.ended, 1);
  const last = manager.stderr().trim().split('\n').at(-1) ?? '';
  t.true(
    last.startsWith(`manager: cannot listen on ${host}: `) && last.includes('EADDRINUSE'),
    last,
  );
});
