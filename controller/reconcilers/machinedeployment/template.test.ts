import test from 'ava';
import type { MachineDeployment } from '#api/machine/v1beta1/machine-deployment.ts';
import type { MachineTemplate } from '#api/machine/v1beta1/machine-set.ts';
import { desiredMachineSet } from './machine-set.ts';
import { hasTemplateOf, templateHash } from './template.ts';

const template: MachineTemplate = {
  metadata: { labels: { app: 'workers' } },
  spec: { providerSpec: { value: { kind: 'X', numCores: 2 } } },
};

function newDeployment(changes: Partial<MachineDeployment['spec']> = {}): MachineDeployment {
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'MachineDeployment',
    metadata: { name: 'workers', namespace: 'default', uid: '1' },
    spec: { selector: { matchLabels: { app: 'workers' } }, template, ...changes },
  };
}

const scale = { replicas: 3, revision: 1, scale: { replicas: 3, most: 4 } };

test('the hash does not depend on the order of fields', (t) => {
  const other = {
    spec: { providerSpec: { value: { numCores: 2, kind: 'X' } } },
    metadata: { labels: { app: 'workers' } },
  };
  t.is(templateHash(other), templateHash(template));
});

test('the hash depends on every value, on the order of lists, and on collisions', (t) => {
  const taints = [
    { key: 'a', effect: 'NoSchedule' },
    { key: 'b', effect: 'NoSchedule' },
  ];
  const hashes = [
    templateHash(template),
    templateHash(template, 1),
    templateHash({ ...template, spec: {} }),
    templateHash({ ...template, spec: { taints } }),
    templateHash({ ...template, spec: { taints: taints.toReversed() } }),
    templateHash({}),
  ];
  t.is(new Set(hashes).size, hashes.length);
});

test('a hash fits into the value of a label and the name of an object', (t) => {
  t.regex(templateHash(template), /^[a-z0-9]{10}$/);
});

test('a set that was made for a deployment has its template', (t) => {
  const deployment = newDeployment();
  const set = desiredMachineSet(deployment, scale);
  t.true(hasTemplateOf(deployment, set));
  const other = { ...template, spec: { taints: [] } };
  t.false(hasTemplateOf(newDeployment({ template: other }), set));
  const relabelled = { ...template, metadata: { labels: { app: 'workers', tier: '1' } } };
  t.false(hasTemplateOf(newDeployment({ template: relabelled }), set));
});

test('empty fields are the same as none', (t) => {
  const set = desiredMachineSet(newDeployment(), scale);
  const wordy = { ...template, metadata: { ...template.metadata, annotations: {} } };
  t.true(hasTemplateOf(newDeployment({ template: wordy }), set));
});

test('sets of one deployment never select the Machines of each other', (t) => {
  const one = desiredMachineSet(newDeployment(), scale);
  const other = desiredMachineSet(newDeployment({ template: { ...template, spec: {} } }), scale);
  t.notDeepEqual(one.spec?.selector, other.spec?.selector);
  t.deepEqual(one.spec?.selector.matchLabels, one.spec?.template.metadata?.labels);
  t.not(one.metadata.name, other.metadata.name);
});

test('a selector keeps its expressions', (t) => {
  const matchExpressions = [{ key: 'app', operator: 'In', values: ['workers', 'others'] }];
  const set = desiredMachineSet(newDeployment({ selector: { matchExpressions } }), scale);
  t.deepEqual(set.spec?.selector.matchExpressions, matchExpressions);
  t.deepEqual(Object.keys(set.spec?.selector.matchLabels ?? {}), ['machine-template-hash']);
});
