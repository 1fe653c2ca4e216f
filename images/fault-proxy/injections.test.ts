import test, { type ExecutionContext } from 'ava';
import { nodes } from '#api/core.ts';
import { faultAnnotation, formatInjection } from '#api/faults/injection.ts';
import { eventually, newNode, startProxied } from './testing/proxied.ts';

const second = 1000;

async function startJoined(t: ExecutionContext) {
  const proxied = await startProxied(t);
  const { kubelet, client, clock, condition } = proxied;
  t.is((await kubelet.post('/api/v1/nodes', newNode(clock))).code, 201);
  const annotate = (value: string | null) => {
    const annotations = { [faultAnnotation]: value };
    return client.patch(nodes, { namespace: '', name: 'n1' }, { metadata: { annotations } });
  };
  const isReady = (expected: string) =>
    eventually(async () => (await condition())?.status === expected);
  return { ...proxied, annotate, isReady };
}

test('a fault can be asked for while the node runs, and asked for again', async (t) => {
  const { clock, annotate, isReady } = await startJoined(t);
  await clock.advance(60 * second);
  await annotate('NotReady for 30s');
  await isReady('False');
  await clock.advance(30 * second);
  await isReady('True');
  await annotate(formatInjection('NotReady after 5s for 10s', clock.now()));
  await clock.advance(4 * second);
  await isReady('True');
  await clock.advance(1 * second);
  await isReady('False');
  t.pass();
});

test('a fault that is taken back is over, although nothing passes', async (t) => {
  const { annotate, kubelet } = await startJoined(t);
  await annotate('Unreachable');
  await eventually(async () => {
    const answer = await kubelet.get('/version').catch(() => undefined);
    return answer === undefined;
  });
  await annotate(null);
  await eventually(async () => {
    const answer = await kubelet.get('/version').catch(() => undefined);
    return answer?.code === 200;
  });
  t.pass();
});

test('a condition that nobody else writes is said to be over', async (t) => {
  const { annotate, condition } = await startJoined(t);
  await annotate('Condition KernelDeadlock');
  await eventually(async () => (await condition('KernelDeadlock'))?.status === 'True');
  await annotate(null);
  await eventually(async () => (await condition('KernelDeadlock'))?.status === 'False');
  t.pass();
});

test('its times are counted from when it says', async (t) => {
  const { clock, annotate, isReady } = await startJoined(t);
  await clock.advance(60 * second);
  await annotate(formatInjection('NotReady for 30s', clock.now() - 20 * second));
  await isReady('False');
  await clock.advance(10 * second);
  await isReady('True');
  t.pass();
});

test('what is not understood does nothing, and does not keep what was there before', async (t) => {
  const { annotate, isReady } = await startJoined(t);
  await annotate('NotReady');
  await isReady('False');
  await annotate('NotReady whenever you like');
  await isReady('True');
  t.pass();
});
