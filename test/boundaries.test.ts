import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import test from 'ava';

/** Who may import whom (docs/adr/0002-layout.md); a folder may always import itself. */
const allowed: Record<string, string[]> = {
  api: [],
  'controller/runtime': ['api'],
  'controller/hollow-pod': ['api'],
  'controller/reconcilers': ['api', 'controller/runtime', 'controller/hollow-pod'],
  'controller/cmd': ['api', 'controller/runtime', 'controller/reconcilers'],
  images: ['api', 'controller/runtime'],
  manifests: ['api', 'controller/runtime', 'controller/hollow-pod', 'controller/cmd'],
  hack: [
    'api',
    'controller/runtime',
    'controller/hollow-pod',
    'controller/cmd',
    'controller/reconcilers',
    'images',
    'manifests',
  ],
};

const aliases: Record<string, string> = {
  '#api/': 'api/',
  '#runtime/': 'controller/runtime/',
  '#controller/': 'controller/',
  '#fault-proxy/': 'images/fault-proxy/',
  '#hollow-node/': 'images/hollow-node/',
  '#kubernetes/': 'hack/kubernetes/',
  '#local/': 'hack/local/',
  '#manifests/': 'manifests/',
  '#test/': 'test/',
};

/** Tests and what only they use may reach for anything. */
const isTestFile = (file: string): boolean =>
  file.endsWith('.test.ts') || file.includes('/testing/') || file.endsWith('/testing.ts');

for (const [folder, mayImport] of Object.entries(allowed)) {
  test(`${folder} imports only itself${['', ...mayImport].join(', ')}`, async (t) => {
    let seen = 0;
    for await (const file of glob(`${folder}/**/*.ts`)) {
      if (isTestFile(file)) continue;
      seen += 1;
      for (const target of await importsOf(file)) {
        const isAllowed = [folder, ...mayImport].some((prefix) => target.startsWith(`${prefix}/`));
        t.true(isAllowed, `${file} imports ${target}`);
      }
    }
    t.true(seen > 0, 'the folder is empty');
  });
}

test('reconcilers do not import each other', async (t) => {
  for await (const file of glob('controller/reconcilers/*/**/*.ts')) {
    const own = file.split('/').slice(0, 3).join('/');
    for (const target of await importsOf(file)) {
      if (!target.startsWith('controller/reconcilers/')) continue;
      t.true(target.startsWith(`${own}/`), `${file} imports ${target}`);
    }
  }
});

/** Paths of our own files that a file imports, from the root of the repository. */
async function importsOf(file: string): Promise<string[]> {
  const source = await readFile(file, 'utf8');
  const specifiers = [...source.matchAll(/(?:from|import)\s*\(?\s*'(?<path>[.#][^']+)'/g)];
  return specifiers.map((match) => resolve(file, match.groups?.['path'] ?? ''));
}

function resolve(file: string, specifier: string): string {
  const alias = Object.keys(aliases).find((prefix) => specifier.startsWith(prefix));
  return alias === undefined
    ? join(dirname(file), specifier)
    : `${aliases[alias]}${specifier.slice(alias.length)}`;
}
