import test from 'ava';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { newMachine, startStory } from '#test/helpers/story.ts';

test('machines get their nodes and go again while the API server is in trouble', async (t) => {
  const story = await startStory(t);
  const { faults } = story.cluster.server;
  const busy = { code: 429, reason: 'TooManyRequests', message: 'busy', retryAfterSeconds: 1 };
  const broken = { code: 500, reason: 'InternalError', message: 'etcd is away' };
  faults.add({ userAgent: 'manager', verb: 'create', resource: 'pods', error: broken, times: 5 });
  faults.add({ userAgent: 'manager', verb: 'patch', conflict: true, times: 5 });
  faults.add({ userAgent: 'manager', verb: 'patch', error: broken, times: 5 });
  faults.add({ userAgent: 'manager', verb: 'create', dropConnection: 'after', times: 5 });
  faults.add({ userAgent: 'hollow', verb: 'create', error: busy, times: 3 });
  const names = Array.from({ length: 10 }, (_, index) => `worker-${index}`);
  await Promise.all(names.map((name) => story.create(newMachine(name))));
  for (let second = 0; second < 20; second++) {
    faults.dropWatches();
    await story.advance(1);
  }
  await Promise.all(names.map((name) => story.runningNode(name)));
  t.is((await story.hollowPods()).length, names.length);
  t.is((await story.hollowNodes()).length, names.length);

  faults.add({ userAgent: 'manager', verb: 'delete', error: broken, times: 5 });
  faults.add({ userAgent: 'manager', verb: 'delete', dropConnection: 'after', times: 5 });
  for (const name of names) await story.client.delete(machines, { namespace: 'default', name });
  for (let second = 0; second < 20; second++) {
    faults.dropWatches();
    await story.advance(1);
  }
  await story.eventually('all are gone', async () => {
    return (await story.client.list(machines)).items.length === 0;
  });
  t.deepEqual(await story.hollowPods(), []);
  t.deepEqual(await story.hollowNodes(), []);
});
