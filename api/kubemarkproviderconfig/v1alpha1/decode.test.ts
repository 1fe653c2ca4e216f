import test from 'ava';
import { ConfigurationError } from '../../configuration-error.ts';
import { decodeDeletionTimeout, decodeProviderConfig } from './decode.ts';

const path = 'spec.providerSpec.value';
const minimal = {
  apiVersion: 'kubemarkproviderconfig.k8s.io/v1alpha1',
  kind: 'KubemarkMachineProviderConfig',
  image: 'example.com/kubemark:v1',
};

const decode = (fields: object) => decodeProviderConfig({ ...minimal, ...fields }, { path });

test('the README example of a periodic failure is understood', (t) => {
  const { config, warnings } = decode({
    unhealthyDuration: '5s',
    healthyDuration: '40s',
    turnUnhealthyPeriodically: true,
  });
  t.deepEqual(config.unhealthiness, { type: 'Periodically', healthy: 40_000, unhealthy: 5000 });
  t.is(config.runtime, 'Kubemark');
  t.deepEqual(warnings, []);
});

for (const [form, durations] of Object.entries({
  README: { unhealthyDuration: '40s' },
  code: { healthyDuration: '40s' },
  'code, with an unhealthyDuration that has no meaning': {
    healthyDuration: '40s',
    unhealthyDuration: '5s',
  },
  'README, with a healthyDuration of zero': { healthyDuration: '0s', unhealthyDuration: '40s' },
})) {
  test(`turnUnhealthyAfter takes its delay from the form of the ${form}`, (t) => {
    const { config } = decode({ turnUnhealthyAfter: true, ...durations });
    t.deepEqual(config.unhealthiness, { type: 'After', healthy: 40_000 });
  });
}

test('turnUnhealthyAfter wins over turnUnhealthyPeriodically, with a warning', (t) => {
  const { config, warnings } = decode({
    turnUnhealthyAfter: true,
    turnUnhealthyPeriodically: true,
    healthyDuration: '1m30s',
  });
  t.deepEqual(config.unhealthiness, { type: 'After', healthy: 90_000 });
  t.deepEqual(warnings, [
    `${path}: turnUnhealthyAfter and turnUnhealthyPeriodically are both true; turnUnhealthyAfter wins`,
  ]);
});

test('faults are kept as they are written', (t) => {
  const faults = [{ type: 'NotReady', after: '40s' }];
  t.deepEqual(decode({ faultInjector: 'Proxy', faults }).config.faults, faults);
  t.deepEqual(decode({ runtime: 'HollowNode', faults }).config.faults, faults);
  t.is(decode({}).config.faultInjector, 'KubemarkFlags');
});

test('capacity is read from integers and quantities', (t) => {
  t.is(decode({ memoryCapacity: 10_737_418_240 }).config.memoryCapacity, 10_737_418_240n);
  t.is(decode({ memoryCapacity: '10Gi' }).config.memoryCapacity, 10_737_418_240n);
  t.is(decode({ numCores: 2 }).config.numCores, 2);
  t.deepEqual(decode({ extendedResources: { 'example.com/gpu': 8 } }).config.extendedResources, {
    'example.com/gpu': '8',
  });
});

test('both versions of the group mean the same', (t) => {
  const older = decode({});
  const newer = decode({ apiVersion: 'kubemarkproviderconfig.k8s.io/v1beta1' });
  t.deepEqual(older, newer);
});

test('null is the same as absent', (t) => {
  t.deepEqual(decode({ numCores: null, deletionTimeout: null, metadata: null }), decode({}));
});

test('unknown fields are a warning that stays short', (t) => {
  const { warnings } = decode({ numCpus: 2, ['x'.repeat(100_000)]: 1, constructor: 1 });
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /unknown fields are ignored: "numCpus", "x{64}…", "constructor"$/);
});

test("a machine without an image gets the manager's hollow node image", (t) => {
  const { image: _, ...withoutImage } = minimal;
  const { config } = decodeProviderConfig(withoutImage, { path, defaultImage: 'hollow:1' });
  t.is(config.image, 'hollow:1');
  t.is(config.runtime, 'HollowNode');
});

const mistakes: [title: string, fields: object, message: RegExp][] = [
  [
    'a duration with a space',
    { unhealthyDuration: '5 sec' },
    /^spec\.providerSpec\.value\.unhealthyDuration: "5 sec" is not a duration \(want e\.g\. "5s", "1m30s"\)$/,
  ],
  ['a negative duration', { deletionTimeout: '-5s' }, /\.deletionTimeout: "-5s" is not a duration/],
  ['a number as duration', { healthyDuration: 5 }, /\.healthyDuration: 5 is not a duration/],
  [
    'no cores',
    { numCores: 0 },
    /\.numCores: 0 is not a number of cores \(want an integer of at least 1\)$/,
  ],
  ['half a core', { numCores: 1.5 }, /\.numCores: 1\.5 is not a number of cores/],
  ['cores as text', { numCores: '2' }, /\.numCores: "2" is not a number of cores/],
  [
    'negative memory',
    { memoryCapacity: -1 },
    /\.memoryCapacity: -1 is not an amount of memory \(want bytes or a quantity/,
  ],
  ['a part of a byte', { memoryCapacity: '1m' }, /\.memoryCapacity: "1m" is not an amount/],
  [
    'turnUnhealthyPeriodically without durations',
    { turnUnhealthyPeriodically: true },
    /\.healthyDuration: nothing .*; .*\.unhealthyDuration: nothing/,
  ],
  ['no memory', { memoryCapacity: '0' }, /\.memoryCapacity: "0" is not an amount of memory/],
  ['negative memory as quantity', { memoryCapacity: '-1Gi' }, /\.memoryCapacity: "-1Gi" is not/],
  ['an unknown kind', { kind: 'Foo' }, /\.kind: "Foo" is not a known kind \(want "Kubemark/],
  ['a foreign version', { apiVersion: 'v1' }, /\.apiVersion: "v1" is not a version of this kind/],
  ['an empty image', { image: '' }, /\.image: "" is not an image reference/],
  ['garbage as image', { image: 'é '.repeat(50_000) }, /\.image: ".{64}…" is not an image/u],
  [
    'turnUnhealthyAfter without any duration',
    { turnUnhealthyAfter: true },
    /\.healthyDuration: nothing with turnUnhealthyAfter \(want how long the node stays Ready/,
  ],
  [
    'turnUnhealthyPeriodically with one duration',
    { turnUnhealthyPeriodically: true, healthyDuration: '40s' },
    /\.unhealthyDuration: nothing with turnUnhealthyPeriodically/,
  ],
  ['a boolean as text', { turnUnhealthyAfter: 'yes' }, /\.turnUnhealthyAfter: "yes" is not a bool/],
  ['an unknown runtime', { runtime: 'Docker' }, /\.runtime: "Docker" is not a runtime/],
  [
    'a taint without effect',
    { registerWithTaints: [{ key: 'a' }] },
    /\.registerWithTaints\[0\]\.effect: nothing is not a taint effect/,
  ],
  [
    'a taint twice',
    {
      registerWithTaints: [
        { key: 'a', effect: 'NoSchedule' },
        { key: 'a', effect: 'NoExecute' },
        { key: 'a', value: 'b', effect: 'NoSchedule' },
      ],
    },
    /\.registerWithTaints\[2\]: "a:NoSchedule" is there already/,
  ],
  [
    'the taint that every hollow node has',
    { registerWithTaints: [{ key: 'kubemark', value: 'true', effect: 'NoSchedule' }] },
    /\.registerWithTaints\[0\]: "kubemark:NoSchedule" is there already/,
  ],
  ['a label value', { nodeLabels: { a: 'b c' } }, /\.nodeLabels\.a: "b c" is not a label value/],
  [
    'a label value of another type',
    { nodeLabels: { a: 1 } },
    /^[^;]*\.nodeLabels\.a: 1 is not a lab/,
  ],
  [
    'a label key',
    { nodeLabels: { 'a b': 'c' } },
    /^[^;]*\.nodeLabels: "a b" is not a label key \(want [^;]*$/,
  ],
  [
    'half a device',
    { extendedResources: { 'example.com/gpu': '500m' } },
    /\.extendedResources: "500m" of "example\.com\/gpu" is not a whole number \(want e\.g\. 8\)/,
  ],
  [
    'resource names, each',
    { extendedResources: { 'a b': 1, 'c d': 2, ok: 3 } },
    /\.extendedResources: "a b" is not the name of a resource \(want .*; .*\.extendedResources: "c d" is not/,
  ],
  [
    'garbage as label key, with garbage as value',
    { nodeLabels: { ['x'.repeat(100_000)]: ' '.repeat(100_000) } },
    /\.nodeLabels\["x{64}…"\]: " {64}…" is not a label value/,
  ],
  [
    'more memory than 64 bits count',
    { memoryCapacity: '8Ei' },
    /\.memoryCapacity: "8Ei" is not an/,
  ],
  [
    'a fault of no type',
    { faultInjector: 'Proxy', faults: [{ type: 'x' }] },
    /\.faults\[0\]\.type: "x"/,
  ],
  [
    'a field of another fault',
    { faultInjector: 'Proxy', faults: [{ type: 'Crash', code: 500 }] },
    /\.faults\[0\]\.code: not for Crash/,
  ],
  [
    'faults that no kubemark knows',
    { faults: [{ type: 'Crash' }] },
    /\.faults: no kubemark knows them/,
  ],
  [
    'a proxy before what needs none',
    { faultInjector: 'Proxy', runtime: 'HollowNode' },
    /\.faultInjector: "Proxy" with runtime HollowNode/,
  ],
  [
    'several mistakes at once',
    { numCores: 0, memoryCapacity: -1, image: 1 },
    /\.image: .*; .*\.numCores: .*; .*\.memoryCapacity: /,
  ],
];

for (const [title, fields, message] of mistakes) {
  test(`refused, naming the field: ${title}`, (t) => {
    const error = t.throws(() => decode(fields), { instanceOf: ConfigurationError, message });
    t.true((error?.message.length ?? 0) < 800);
  });
}

for (const value of [undefined, null, 'text', 5, [], {}]) {
  test(`refused as a whole: ${JSON.stringify(value)}`, (t) => {
    t.throws(() => decodeProviderConfig(value, { path }), {
      instanceOf: ConfigurationError,
      message: /^spec\.providerSpec\.value/,
    });
  });
}

test('without an image and without a default, the error tells both ways out', (t) => {
  const { image: _, ...withoutImage } = minimal;
  t.throws(() => decodeProviderConfig(withoutImage, { path }), {
    message: /\.image: nothing found \(want an image reference; .*--hollow-node-image/,
  });
});

test('the deletion timeout is read even when the rest of the configuration is wrong', (t) => {
  t.is(decodeDeletionTimeout({ kind: 'Foo', deletionTimeout: '20s' }), 20_000);
  t.is(decodeDeletionTimeout({ deletionTimeout: 'soon' }), 0);
  t.is(decodeDeletionTimeout(undefined), 0);
});
