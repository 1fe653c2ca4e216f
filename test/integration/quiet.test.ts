import test from 'ava';
import { newMachine, startStory } from '#test/helpers/story.ts';

test('with healthy machines and no change the manager writes nothing for a minute', async (t) => {
  const story = await startStory(t);
  const names = Array.from({ length: 20 }, (_, index) => `worker-${index}`);
  await Promise.all(names.map((name) => story.create(newMachine(name))));
  await Promise.all(names.map((name) => story.runningNode(name)));
  await story.advance(2);
  const requests: string[] = [];
  story.cluster.server.onRequest(({ userAgent, verb, resource }) => {
    if (userAgent.startsWith('manager')) requests.push(`${verb} ${resource}`);
  });
  await story.advance(60);
  t.deepEqual(requests, []);
});

test('a machine is brought to rest, and linked with its Node, with seven writes of the manager', async (t) => {
  const story = await startStory(t);
  const writes: string[] = [];
  story.cluster.server.onRequest(({ userAgent, verb, resource, subresource }) => {
    const isWrite = ['create', 'update', 'patch', 'delete'].includes(verb);
    if (isWrite && userAgent.startsWith('manager'))
      writes.push(`${verb} ${resource} ${subresource}`);
  });
  await story.create(newMachine('worker'));
  await story.runningNode('worker');
  await story.advance(5);
  t.true(writes.length <= 7, writes.join('\n'));
});
