import test from 'ava';
import { decodeProtobuf } from './decode.ts';

// Enough of an encoder to write what kubectl writes.
const bytes = (number: number, value: string | Buffer): Buffer => {
  const content = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
};
const varint = (number: number, value: number): Buffer => Buffer.from([number << 3, value]);

function envelope(apiVersion: string, kind: string, ...fields: Buffer[]): Buffer {
  const type = Buffer.concat([bytes(1, apiVersion), bytes(2, kind)]);
  return Buffer.concat([
    Buffer.from('k8s\0', 'latin1'),
    bytes(1, type),
    bytes(2, Buffer.concat(fields)),
    bytes(3, ''),
  ]);
}

test('reads a kind with maps, lists and empty members', (t) => {
  const pair = Buffer.concat([bytes(1, 'k'), bytes(2, 'v')]);
  const metadata = Buffer.concat([
    bytes(1, 'a'),
    bytes(2, ''),
    bytes(8, ''),
    bytes(11, pair),
    bytes(14, 'x.io/a'),
    bytes(14, 'x.io/b'),
  ]);
  const second = Buffer.concat([bytes(1, 'l'), bytes(2, 'w')]);
  const body = envelope('v1', 'Secret', bytes(1, metadata), bytes(2, pair), bytes(2, second));
  t.deepEqual(decodeProtobuf(body), {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'a', labels: { k: 'v' }, finalizers: ['x.io/a', 'x.io/b'] },
    data: { k: 'dg==', l: 'dw==' },
  });
});

test('reads numbers, flags and int-or-string', (t) => {
  const options = Buffer.concat([varint(1, 0), varint(3, 1)]);
  const eviction = envelope('policy/v1', 'Eviction', bytes(2, options));
  t.like(decodeProtobuf(eviction), {
    deleteOptions: { gracePeriodSeconds: 0, orphanDependents: true },
  });
  const percent = Buffer.concat([varint(1, 1), varint(2, 0), bytes(3, '50%')]);
  const count = Buffer.concat([varint(1, 0), varint(2, 3), bytes(3, '')]);
  const spec = Buffer.concat([bytes(1, percent), bytes(3, count)]);
  const budget = envelope('policy/v1', 'PodDisruptionBudget', bytes(2, spec));
  t.like(decodeProtobuf(budget), { spec: { minAvailable: '50%', maxUnavailable: 3 } });
});

test('says so when it does not know a kind or a field', (t) => {
  t.is(decodeProtobuf(envelope('apps/v1', 'Deployment')), undefined);
  t.throws(() => decodeProtobuf(envelope('v1', 'ConfigMap', bytes(15, 'x'))), {
    message: 'field 15 of ConfigMap is not known in protobuf here: send JSON',
  });
});

test('survives bodies that are cut or no protobuf at all', (t) => {
  t.throws(() => decodeProtobuf(Buffer.from('{}')), { message: /lacks 'k8s/ });
  const whole = envelope('v1', 'ConfigMap', bytes(1, bytes(1, 'a')));
  for (let length = 5; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    t.notThrows(() => {
      try {
        decodeProtobuf(cut);
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'StatusError') throw error;
      }
    });
  }
});
