import test from 'ava';
import { jsonLines } from './json-lines.ts';

async function* chunksOf(buffer: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < buffer.length; start += size) {
    yield buffer.subarray(start, start + size);
  }
}

const values = [{ name: 'grüße 🚀' }, { text: 'a\nb' }, [1, 2, 3]];
const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));

test('lines are read wherever the chunks are cut, also inside a character', async (t) => {
  for (let size = 1; size <= bytes.length; size++) {
    t.deepEqual(await Array.fromAsync(jsonLines(chunksOf(bytes, size))), values, `size ${size}`);
  }
});

test('a last line that was cut off is dropped', async (t) => {
  const lines = jsonLines(chunksOf(Buffer.concat([bytes, Buffer.from('{"half":')]), 7));
  t.deepEqual(await Array.fromAsync(lines), values);
});

test('empty lines are skipped', async (t) => {
  const lines = jsonLines(chunksOf(Buffer.from('\n{}\n\n[]\n'), 3));
  t.deepEqual(await Array.fromAsync(lines), [{}, []]);
});

test('a line that is not JSON is an error', async (t) => {
  await t.throwsAsync(Array.fromAsync(jsonLines(chunksOf(Buffer.from('<html>\n'), 3))), {
    instanceOf: SyntaxError,
  });
});
