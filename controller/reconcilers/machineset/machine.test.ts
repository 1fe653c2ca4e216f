import test from 'ava';
import { newMachineSet } from '#test/helpers/machine-sets.ts';
import { desiredMachine } from './machine.ts';

test('a Machine has the labels, annotations and spec of the template, and the set as its controller', (t) => {
  const set = newMachineSet('workers', { annotations: { note: 'hello' } });
  set.metadata.uid = 'uid-of-workers';
  const machine = desiredMachine(set, 'workers-abcde');
  t.deepEqual(machine, {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: {
      name: 'workers-abcde',
      namespace: 'default',
      labels: { set: 'workers' },
      annotations: { note: 'hello' },
      ownerReferences: [
        {
          apiVersion: 'machine.openshift.io/v1beta1',
          kind: 'MachineSet',
          name: 'workers',
          uid: 'uid-of-workers',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: set.spec?.template.spec,
  });
});

test('what would be one of all Machines is left out', (t) => {
  const set = newMachineSet('workers');
  const template = {
    metadata: { name: 'same', finalizers: ['theirs'], labels: { set: 'workers' } },
    spec: { providerID: 'kubemark://same' },
  };
  const { metadata, spec } = desiredMachine(
    { ...set, spec: { selector: {}, template } },
    'workers-abcde',
  );
  t.like(metadata, { name: 'workers-abcde', finalizers: undefined });
  t.deepEqual(spec, {});
});
