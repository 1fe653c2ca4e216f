import test from 'ava';
import { readFile } from 'node:fs/promises';
import { parse, parseAllDocuments } from 'yaml';
import { isObject } from '#api/json.ts';
import { infrastructureKinds } from '#api/kinds.ts';
import { Checker } from '#api/schema/check.ts';
import { metadata } from './clusterctl-files.ts';

test('a release belongs to the series of its version, with a contract of the definitions', (t) => {
  t.deepEqual(parse(metadata('v1.20.3-rc.1')).releaseSeries, [
    { major: 1, minor: 20, contract: 'v1beta2' },
  ]);
  for (const { labels } of infrastructureKinds) t.truthy(labels?.['cluster.x-k8s.io/v1beta2']);
});

for (const name of [
  'cluster-template.yaml',
  'cluster-template-existing.yaml',
  'clusterclass-kubemark.yaml',
]) {
  test(`our objects of ${name} fit their schemas`, async (t) => {
    const text = await readFile(`examples/cluster-api/${name}`, 'utf8');
    const objects: unknown[] = parseAllDocuments(text).map((document) => document.toJS());
    const ours = objects.flatMap((object) => {
      const found = infrastructureKinds.find(
        ({ kind }) => isObject(object) && object['kind'] === kind,
      );
      return found && isObject(object) ? [{ found, object }] : [];
    });
    t.true(ours.length > 0);
    for (const { found, object } of ours) {
      // A variable stands for any quantity.
      const spec = JSON.parse(JSON.stringify(object['spec']).replaceAll(/\$\{[^}]*\}/g, '1'));
      t.deepEqual(new Checker(found.spec).errors(spec), []);
    }
    if (name.startsWith('clusterclass-')) t.notRegex(text, /\$\{/); // clusterctl replaces nothing there
  });
}
