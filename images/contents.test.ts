import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import test from 'ava';
import { programs as managers } from '#controller/cmd/programs.ts';

interface Package {
  imports: Record<string, string>;
  dependencies: Record<string, string>;
}

const { imports, dependencies }: Package = JSON.parse(await readFile('package.json', 'utf8'));

const programs = {
  controller: 'controller/cmd/manager.ts',
  'fault-proxy': 'images/fault-proxy/main.ts',
  'hollow-node': 'images/hollow-node/kubemark.ts',
};

/** Folders and files that a Dockerfile takes from the repository into the image itself. */
async function copied(image: string): Promise<string[]> {
  const text = await readFile(`images/${image}/Dockerfile`, 'utf8');
  const last = text.slice(text.lastIndexOf('\nFROM '));
  return [...last.matchAll(/^COPY (?!--from)(?<path>\S+) \S+$/gm)].map(
    ({ groups }) => groups?.['path'] ?? '',
  );
}

/** What a file needs at run time: `import type` goes before it runs. */
function importsIn(text: string): string[] {
  const statements = text.matchAll(
    /^(?:import|export)\s(?!type\b)[^;]*?from '(?<from>[^']+)'|\bimport\('(?<later>[^']+)'\)/gm,
  );
  return [...statements].map(({ groups }) => groups?.['from'] ?? groups?.['later'] ?? '');
}

/** The file of the repository that is meant, or undefined for a package or a part of Node.js. */
function fileOf(specifier: string, importer: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(importer), specifier);
  const alias = Object.keys(imports).find((key) => specifier.startsWith(key.slice(0, -1)));
  if (alias === undefined) return undefined;
  const target = imports[alias]?.slice(0, -1) ?? '';
  return join(target, specifier.slice(alias.length - 1));
}

/** All files that run with `entry`, and the packages that they use. */
async function closure(entry: string): Promise<{ files: Set<string>; packages: Set<string> }> {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const specifier of importsIn(await readFile(file, 'utf8'))) {
      const target = fileOf(specifier, file);
      if (target !== undefined) files.add(target);
      else if (!specifier.startsWith('node:')) packages.add(packageOf(specifier));
    }
  }
  return { files, packages };
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** As `.dockerignore` says it. */
const ignored = /\.test\.ts$|\.md$|(^|\/)testdata\/|^controller\/runtime\/testing\//;

for (const [image, entry] of Object.entries(programs)) {
  test(`the image ${image} has every file and package that its program imports`, async (t) => {
    const paths = await copied(image);
    const { files, packages } = await closure(entry);
    t.true(files.size > 20, 'imports are found');
    for (const file of files) {
      t.true(
        paths.some((path) => file.startsWith(`${path}/`)),
        `${file} is not copied`,
      );
      t.notRegex(file, ignored);
    }
    for (const name of packages) t.true(name in dependencies, `${name} is not a dependency`);
  });
}

test('the image controller has a path for each program of the machine-api-operator', async (t) => {
  const text = await readFile('images/controller/Dockerfile', 'utf8');
  const names = /for name in (?<names>[^;]+);/.exec(text)?.groups?.['names']?.split(' ');
  t.deepEqual(
    names,
    managers.slice(1).map(({ name }) => name),
  );
});
