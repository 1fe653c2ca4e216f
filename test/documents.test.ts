import { access, glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import test from 'ava';
import { providerConfigSchema } from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';

const documents: string[] = [];
for await (const path of glob('{*,{controller,docs,hack,images,kustomize,test}/**/*}.md')) {
  documents.push(path);
}

for (const path of documents) {
  test(`${path} links to files that exist`, async (t) => {
    const text = await readFile(path, 'utf8');
    const links = [...text.matchAll(/\]\((?<target>[^)\s]+)\)/g)]
      .map(({ groups }) => groups?.['target'] ?? '')
      .filter((target) => !/^(https?:|#)/.test(target));
    for (const link of links) {
      const [file = ''] = link.split('#', 1);
      await t.notThrowsAsync(access(join(dirname(path), file)), link);
    }
    t.pass();
  });
}

test('the README has every field of the provider configuration', async (t) => {
  const readme = await readFile('README.md', 'utf8');
  const section = /^## Configuration$(?<text>.*?)^## /ms.exec(readme)?.groups?.['text'] ?? '';
  const fields = [...section.matchAll(/^\| `(?<field>\w+)` /gm)].map(
    ({ groups }) => groups?.['field'],
  );
  const properties = Object.keys(providerConfigSchema.properties);
  const own = properties.filter((name) => !['apiVersion', 'kind', 'metadata'].includes(name));
  t.deepEqual(
    own.filter((name) => !fields.includes(name)),
    [],
  );
  t.is(fields.length, own.length);
});
