import test from 'ava';
import { nodes } from '#api/core.ts';
import { staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { newMachine, startStory } from '#test/helpers/story.ts';

const annotations = { [staticMachineAnnotation]: 'minikube' };

test('a static machine follows its Node and never harms it', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('static', { annotations }));
  await story.eventually('the missing Node is told', async () => {
    const found = await story.machine('static');
    return found?.status?.errorMessage?.includes('minikube');
  });
  await story.client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'minikube' },
    spec: { providerID: 'minikube://m01' },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.49.2' }] },
  });
  const machine = await story.eventually('the machine is Running', async () => {
    const found = await story.machine('static');
    return found?.status?.phase === 'Running' && found;
  });
  t.is(machine.spec?.providerID, 'minikube://m01');
  t.deepEqual(machine.status?.addresses, [{ type: 'InternalIP', address: '192.168.49.2' }]);
  t.is(machine.status?.nodeRef?.name, 'minikube');
  t.is(machine.status?.errorMessage, undefined);
  t.deepEqual(await story.hollowPods(), []);

  await story.client.delete(machines, { namespace: 'default', name: 'static' });
  await story.eventually('the machine is gone', async () => !(await story.machine('static')));
  await story.advance(5);
  t.not(await story.node('minikube'), undefined);
});

test('garbage as the name of the Node stays a short message', async (t) => {
  const story = await startStory(t);
  const garbage = { [staticMachineAnnotation]: 'x'.repeat(100_000) };
  await story.create(newMachine('static', { annotations: garbage }));
  const machine = await story.eventually('it is told', async () => {
    const found = await story.machine('static');
    return found?.status?.errorMessage !== undefined && found;
  });
  t.regex(machine.status?.errorMessage ?? '', /^The Node "x{64}…" of this static machine/);
});
