import test from 'ava';
import { canonicalQuantity } from './quantity.ts';

const quantities: [string, string | undefined][] = [
  ['2', '2'],
  ['500m', '500m'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0', '0'],
  ['0Ki', '0'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1000Ki', '1000Ki'],
  ['10737418240', '10737418240'],
  ['1000000', '1M'],
  ['1500000', '1500k'],
  ['1e3', '1e3'],
  ['12E2', '1200'],
  ['1E', '1E'],
  ['-0.5', '-500m'],
  ['+5', '5'],
  ['0.0000000001', '1n'],
  ['1.1Ki', '1127'],
  ['01', '1'],
  ['5 Gi', undefined],
  ['ten', undefined],
  ['', undefined],
  ['1.2.3', undefined],
];

for (const [text, canonical] of quantities) {
  test(`"${text}" is given back as ${canonical ?? 'an error'}`, (t) => {
    t.is(canonicalQuantity(text), canonical);
  });
}
