import test from 'ava';
import { parseOptions } from './options.ts';

const parse = (...values: string[]) =>
  parseOptions(values.map((value) => `--machine-api-groups=${value}`));

test('Machines of machine.openshift.io are kept unless told otherwise', (t) => {
  t.like(parse(), { 'machine-api-groups': ['machine.openshift.io'] });
});

test('several groups may be named, at once or one after the other, each once', (t) => {
  const both = { 'machine-api-groups': ['machine.openshift.io', 'cluster.k8s.io'] };
  t.like(parse('machine.openshift.io,cluster.k8s.io'), both);
  t.like(parse('machine.openshift.io', 'cluster.k8s.io', 'cluster.k8s.io'), both);
  t.like(parse('cluster.k8s.io'), { 'machine-api-groups': ['cluster.k8s.io'] });
});

test('a group without Machines is refused, with those that have some', (t) => {
  t.throws(() => parse('cluster.x-k8s.io'), {
    message:
      /"cluster\.x-k8s\.io" is not an API group with Machines \(want machine\.openshift\.io, cluster\.k8s\.io\)$/,
  });
  t.throws(() => parse('toString'), { message: /"toString" is not an API group/ });
  t.throws(() => parse(''), { message: /want one at least of machine\.openshift\.io, / });
});
