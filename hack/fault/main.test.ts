import test, { type ExecutionContext } from 'ava';
import { fileURLToPath } from 'node:url';
import { machines as clusterMachines } from '#api/cluster/v1alpha1/machine.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { machineKinds } from '#api/kinds.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { startCommand } from '#test/helpers/command.ts';
import {
  newKubemarkMachine,
  startMachineServer,
  type MachineServer,
} from '#test/helpers/machine-server.ts';
import { newMachine } from '#test/helpers/story.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const kubemarkMachine = 'kubemarkmachine.infrastructure.cluster.x-k8s.io';

interface Outcome {
  code: unknown;
  lines: string[];
  problems: string;
}

async function fault(t: ExecutionContext, ...args: string[]): Promise<Outcome> {
  const command = startCommand(t, program, ...args);
  const code = await command.ended;
  const lines = command.stdout().split('\n').slice(0, -1).toSorted();
  return { code, lines, problems: command.stderr() };
}

/** In pool a: two Machines, three KubemarkMachines; in pool b one of `cluster.k8s.io`. */
async function startPools(t: ExecutionContext) {
  const machineServer = await startMachineServer(t);
  const { client, kubeconfig } = machineServer;
  const labels = { pool: 'a' };
  for (const name of ['m1', 'm2']) await client.create(machines, newMachine(name, { labels }));
  for (const name of ['k1', 'k2', 'k3']) {
    await client.create(kubemarkMachines, newKubemarkMachine(name, { labels }));
  }
  await client.create(clusterMachines, {
    ...newMachine('c1', { labels: { pool: 'b' } }),
    apiVersion: 'cluster.k8s.io/v1alpha1',
  });
  const run = (...args: string[]): Promise<Outcome> =>
    fault(t, ...args, `--kubeconfig=${kubeconfig}`);
  return { ...machineServer, run };
}

/** What each machine is asked to suffer. */
async function asked({ client }: Pick<MachineServer, 'client'>): Promise<Record<string, string>> {
  const lists = await Promise.all(machineKinds.map((kind) => client.list(kind)));
  const pairs = lists
    .flatMap(({ items }) => items)
    .map(({ metadata }) => [metadata.name, metadata.annotations?.[faultAnnotation]])
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(pairs);
}

// One after the other: each starts programs by the half-dozen, and a busy machine has enough with those.
test.serial('machines of every kind fail together, and heal', async (t) => {
  const pools = await startPools(t);
  const { run } = pools;
  t.like(await run('NotReady for 30s', '--selector=pool=a'), {
    code: 0,
    lines: [
      `${kubemarkMachine}/default/k1`,
      `${kubemarkMachine}/default/k2`,
      `${kubemarkMachine}/default/k3`,
      'machine.machine.openshift.io/default/m1',
      'machine.machine.openshift.io/default/m2',
    ],
    problems: '5 of 5 machines\n',
  });
  const all = Object.fromEntries(
    ['m1', 'm2', 'k1', 'k2', 'k3'].map((name) => [name, 'NotReady for 30s']),
  );
  t.deepEqual(await asked(pools), all);
  const { problems } = await run('-', '--kind=KubemarkMachine');
  t.is(problems, '3 of 3 machines\n');
  t.deepEqual(Object.keys(await asked(pools)).toSorted(), ['m1', 'm2']);
  t.is((await run('-')).problems, '2 of 6 machines\n', 'the others were not asked for anything');
  t.deepEqual(await asked(pools), {});
});

test.serial('a share of a kind, which can be seen before', async (t) => {
  const pools = await startPools(t);
  const { run } = pools;
  const args = ['Crash', '--kind=kmm', '--percent=34'];
  const tried = await run(...args, '--dry-run');
  t.is(tried.problems, '2 of 3 machines (dry run)\n');
  t.deepEqual(await asked(pools), {});
  const done = await run(...args);
  t.deepEqual(done.lines, tried.lines);
  t.is(Object.keys(await asked(pools)).length, 2);
  t.is((await run('Crash', '--percent=0')).problems, '0 of 6 machines\n');
  t.is((await run('Crash', '--kind=machines.cluster.k8s.io')).problems, '1 of 1 machines\n');
});

test.serial('a machine that goes, or that others write, keeps no other from failing', async (t) => {
  const pools = await startPools(t);
  const gone = { code: 404, reason: 'NotFound', message: 'no such machine' };
  pools.server.faults.add({ verb: 'patch', name: 'm1', error: gone });
  pools.server.faults.add({ verb: 'patch', name: 'k2', conflict: true });
  const { code, lines, problems } = await pools.run('Crash', '-l=pool=a');
  t.is(code, 1);
  t.is(lines.length, 3);
  t.regex(problems, /^fault: machine\.machine\.openshift\.io\/default\/m1: it has gone$/m);
  t.regex(problems, /^fault: kubemarkmachine\.\S+\/default\/k2: it has changed: \S.*$/m);
  t.regex(problems, /^3 of 5 machines$/m);
  t.deepEqual(Object.keys(await asked(pools)).toSorted(), ['k1', 'k3', 'm2']);
});

test.serial('a machine on its way out is left alone', async (t) => {
  const pools = await startPools(t);
  const patch = { metadata: { finalizers: ['test.example.com/wait'] } };
  const key = { namespace: 'default', name: 'k1' };
  await pools.client.patch(kubemarkMachines, key, patch);
  await pools.client.delete(kubemarkMachines, key);
  t.is((await pools.run('Crash', '--kind=kmm')).problems, '2 of 2 machines\n');
});

test.serial('who has no machines is told what to install', async (t) => {
  const { kubeconfig } = await startMachineServer(t, [kubemarkMachines]);
  const on = `--kubeconfig=${kubeconfig}`;
  t.is((await fault(t, 'Crash', on)).problems, '0 of 0 machines\n');
  const { code, problems } = await fault(t, 'Crash', on, '--kind=machines');
  t.is(code, 1);
  t.regex(
    problems,
    /^fault: the API server has no machine\.machine\.openshift\.io, machine\.cluster\.k8s\.io: install .*\n$/,
  );
});

const mistakes: [string, string[], number, RegExp][] = [
  ['no fault at all', ['--selector=pool=a', 'Crash'], 2, /^fault: the fault comes first: .*\n$/],
  ['an empty fault', [''], 2, /^fault: no fault .*\n$/],
  ['an unknown fault', ['Explode'], 2, /^fault: .*"Explode".*\n$/],
  ['a share beyond all', ['Crash', '--percent=101'], 2, /^fault: .*from 0 to 100\n$/],
  ['a kind of others', ['Crash', '--kind=pods'], 2, /^fault: invalid argument "pods".*\n$/],
  [
    'a selector that is none',
    ['Crash', '--selector=a=!b'],
    2,
    /^fault: invalid argument "a=!b" for "--selector" flag: unable to parse requirement: .*\n$/,
  ],
];

test.serial('a mistake is one line of explanation, and nothing happens', async (t) => {
  const pools = await startPools(t);
  await Promise.all(
    mistakes.map(async ([what, args, expected, message]) => {
      const { code, lines, problems } = await pools.run(...args);
      t.is(code, expected, what);
      t.deepEqual(lines, [], what);
      t.regex(problems, message, what);
    }),
  );
  t.deepEqual(await asked(pools), {});
});
