import test from 'ava';
import { secrets } from '#api/core.ts';
import { statusError } from '#runtime/client/status.ts';
import { MemoryClient } from '#runtime/testing/memory-client.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { RemoteClusters, type RemoteCluster } from './remote-clusters.ts';

const key = { namespace: 'default', name: 'test-kubeconfig', entry: 'value' };
const { signal } = new AbortController();

const kubeconfig = (server: string): string =>
  JSON.stringify({
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster: { server } }],
    users: [{ name: 'a', user: {} }],
  });

const dataOf = (text: string) => ({
  data: { value: Buffer.from(text).toString('base64') },
});

async function open(text = kubeconfig('https://one.example.com')) {
  const client = new MemoryClient();
  const clock = new FakeClock();
  const clusters = new RemoteClusters({ client, clock });
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: key };
  await client.create(secrets, { ...secret, ...dataOf(text) });
  client.requests.length = 0;
  return { client, clock, clusters };
}

async function found(clusters: RemoteClusters): Promise<RemoteCluster> {
  const cluster = await clusters.find(key, signal);
  if (cluster === undefined) throw new Error('there is no Secret');
  return cluster;
}

test('a Secret is read every 10 s, and has one client as long as it says the same', async (t) => {
  const { client, clock, clusters } = await open();
  const first = await found(clusters);
  t.is(await found(clusters), first);
  t.is(client.requests.length, 1);
  await clock.advance(10_000);
  t.is(await found(clusters), first);
  t.is(client.requests.length, 2);
  await client.patch(secrets, key, dataOf(kubeconfig('https://two.example.com')));
  await clock.advance(10_000);
  t.is((await found(clusters)).config.server, 'https://two.example.com');
});

test('a Secret that is gone has no cluster', async (t) => {
  const { client, clock, clusters } = await open();
  await found(clusters);
  await client.delete(secrets, key);
  await clock.advance(10_000);
  t.is(await clusters.find(key, signal), undefined);
});

test('two that look at once get the same client', async (t) => {
  const { clusters } = await open();
  const [one, other] = await Promise.all([found(clusters), found(clusters)]);
  t.is(one, other);
});

test('a Secret without a kubeconfig is told', async (t) => {
  const { clusters } = await open('just words');
  await t.throwsAsync(clusters.find(key, signal), {
    name: 'Waiting',
    message: /^Secret default\/test-kubeconfig, entry value: this is not a kubeconfig/,
  });
});

const unreachable = { name: 'Waiting', message: /^https:\/\/one\.example\.com does not answer: / };

test('a cluster that did not answer is left alone for 5 s', async (t) => {
  const { clock, clusters } = await open();
  const cluster = await found(clusters);
  let asked = 0;
  const silent = (): Promise<never> => {
    asked += 1;
    return Promise.reject(new Error('timeout'));
  };
  await t.throwsAsync(clusters.ask(cluster, silent), unreachable);
  await t.throwsAsync(clusters.ask(cluster, silent), unreachable);
  t.is(asked, 1);
  await clock.advance(5_000);
  await t.throwsAsync(clusters.ask(cluster, silent), unreachable);
  t.is(asked, 2);
});

test('one tries a cluster that has not answered yet, the others do not wait for it', async (t) => {
  const { clusters } = await open();
  const cluster = await found(clusters);
  const answer = Promise.withResolvers<string>();
  const first = clusters.ask(cluster, () => answer.promise);
  await t.throwsAsync(
    clusters.ask(cluster, () => Promise.resolve()),
    { name: 'Waiting', message: 'asking https://one.example.com' },
  );
  answer.resolve('here');
  t.is(await first, 'here');
  const both = [
    clusters.ask(cluster, () => answer.promise),
    clusters.ask(cluster, () => answer.promise),
  ];
  t.deepEqual(await Promise.all(both), ['here', 'here']);
});

const refuse = (): Promise<never> => Promise.reject(statusError('no', { code: 403 }));

test('a refusal is an answer', async (t) => {
  const { clusters } = await open();
  const cluster = await found(clusters);
  await t.throwsAsync(clusters.ask(cluster, refuse), { name: 'ApiError' });
  t.is(await clusters.ask(cluster, () => Promise.resolve('still asked')), 'still asked');
});
