import test from 'ava';
import { kindsCalled, nameOf } from './kinds.ts';

const machine = 'machine.machine.openshift.io';
const legacyMachine = 'machine.cluster.k8s.io';
const kubemarkMachine = 'kubemarkmachine.infrastructure.cluster.x-k8s.io';

for (const [text, ...expected] of [
  ['KubemarkMachine', kubemarkMachine],
  ['kubemarkmachines', kubemarkMachine],
  ['kmm', kubemarkMachine],
  ['machines', machine, legacyMachine],
  ['machine.cluster.k8s.io', legacyMachine],
  ['machines.machine.openshift.io', machine],
] as const) {
  test(`${text} is what kubectl takes it for`, (t) => {
    t.deepEqual(kindsCalled(text).map(nameOf), [...expected]);
  });
}

for (const text of ['', 'nodes', 'machines.cluster.x-k8s.io', '.cluster.k8s.io']) {
  test(`"${text}" is told what is wanted`, (t) => {
    t.throws(() => kindsCalled(text), {
      message: `want ${machine}, ${legacyMachine}, ${kubemarkMachine}, or the part before a dot`,
    });
  });
}
