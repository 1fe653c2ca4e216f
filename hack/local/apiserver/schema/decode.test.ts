import test from 'ava';
import { BuiltInSchemas } from './built-in.ts';
import { decodeBuiltIn } from './decode.ts';

const schemas = new BuiltInSchemas();
const pod = await schemas.load('V1Pod');
const node = await schemas.load('V1Node');

test('unknown fields are dropped and named', (t) => {
  const { object, unknownFields } = decodeBuiltIn(pod, {
    metadata: { name: 'a', lables: {} },
    spec: { containers: [{ name: 'x' }, { nmae: 'y' }], constructor: 1 },
  });
  t.deepEqual(unknownFields, ['metadata.lables', 'spec.containers[1].nmae', 'spec.constructor']);
  t.deepEqual(object, { metadata: { name: 'a' }, spec: { containers: [{ name: 'x' }, {}] } });
});

test('null and empty lists and maps vanish, empty structs stay', (t) => {
  const { object } = decodeBuiltIn(pod, {
    metadata: { labels: {}, annotations: null, finalizers: [] },
    spec: { volumes: [{ name: 'v', emptyDir: {} }], tolerations: [] },
    status: {},
  });
  t.deepEqual(object, {
    metadata: {},
    spec: { volumes: [{ name: 'v', emptyDir: {} }] },
    status: {},
  });
});

test('quantities may be numbers, and must be quantities', (t) => {
  const { object } = decodeBuiltIn(node, { status: { capacity: { cpu: 2, memory: '10Gi' } } });
  t.deepEqual(object, { status: { capacity: { cpu: '2', memory: '10Gi' } } });
  t.throws(() => decodeBuiltIn(node, { status: { capacity: { cpu: 'two' } } }), {
    message: /quantities must match the regular expression/,
  });
});

const mistakes: [string, object, string][] = [
  [
    'a number for a name',
    { metadata: { name: 1 } },
    'cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string',
  ],
  [
    'text for a number',
    { spec: { terminationGracePeriodSeconds: 'x' } },
    'cannot unmarshal string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64',
  ],
  [
    'a fraction for an integer',
    { spec: { priority: 1.5 } },
    'cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32',
  ],
  [
    'an object for a list',
    { spec: { containers: {} } },
    'cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
  ],
  [
    'a list for an object',
    { spec: [] },
    'cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec',
  ],
  [
    'text for a flag',
    { spec: { containers: [{ tty: 'yes' }] } },
    'cannot unmarshal string into Go struct field Container.spec.containers.tty of type bool',
  ],
  [
    'text for a map',
    { metadata: { labels: 'x' } },
    'cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string',
  ],
];

for (const [what, body, message] of mistakes) {
  test(`${what} is an error of the decoder`, (t) => {
    t.throws(() => decodeBuiltIn(pod, { ...body }), { message: `json: ${message}` });
  });
}

test('int-or-string takes both', (t) => {
  const probe = { httpGet: { port: 'http' }, tcpSocket: { port: 80 } };
  const body = { spec: { containers: [{ name: 'a', livenessProbe: probe }] } };
  t.deepEqual(decodeBuiltIn(pod, structuredClone(body)).object, body);
});

test('a schema that refers to itself is loaded once', async (t) => {
  const definition = await schemas.load('V1CustomResourceDefinition');
  const openApi =
    definition.properties?.['spec']?.properties?.['versions']?.items?.properties?.['schema'];
  const props = openApi?.properties?.['openAPIV3Schema'];
  t.is(props?.properties?.['not']?.model, props?.model);
  t.is(await schemas.load('V1Pod'), pod);
});

test('a model that does not exist is an error, and harms no other', async (t) => {
  const own = new BuiltInSchemas();
  await t.throwsAsync(own.load('V1Nonsense'));
  t.is((await own.load('V1Lease')).model, 'V1Lease');
});
