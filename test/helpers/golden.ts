import type { ExecutionContext } from 'ava';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

/**
 * Compares a value with the YAML file that a reviewer reads, or with `UPDATE_GOLDEN=1` in the
 * environment writes that file. Call as `matchesGolden(t, new URL('testdata/x.yaml', import.meta.url), value)`.
 */
export async function matchesGolden(t: ExecutionContext, file: URL, value: unknown): Promise<void> {
  const path = fileURLToPath(file);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(
      path,
      stringify(value, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false }),
    );
  }
  const expected: unknown = parse(await readFile(path, 'utf8'));
  t.deepEqual(JSON.parse(JSON.stringify(value)), expected, `differs from ${path}`);
}
