import { readFile } from 'node:fs/promises';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { isObject } from '#api/json.ts';
import { parseOptions } from '#controller/cmd/options.ts';
import { managerContainer } from './deployment.ts';
import { manifestFiles } from './main.ts';
import { images } from './names.ts';

const files = manifestFiles();

/** Every object in every file. */
function objects(): { path: string; object: Record<string, unknown> }[] {
  return [...files].flatMap(([path, text]) =>
    parseAllDocuments(text).map((document) => ({ path, object: document.toJS() })),
  );
}

test('the manager understands the arguments it is deployed with', (t) => {
  const variables = new Map(managerContainer.env?.map(({ name, value = '' }) => [name, value]));
  const args = managerContainer.args?.map((argument) =>
    argument.replaceAll(/\$\((?<name>\w+)\)/g, (_, name: string) => variables.get(name) ?? ''),
  );
  const options = parseOptions(args ?? []);
  t.like(options, {
    'hollow-node-image': images.hollowNode,
    'fault-proxy-image': images.faultProxy,
  });
});

test('names are ours: nothing of the generator is left in them', (t) => {
  const text = [...files.values()].join('');
  t.notRegex(text, /cdk8s|-c8[0-9a-f]{6}/);
});

test('no object is in two files', (t) => {
  const ids = objects()
    .filter(({ path }) => !path.endsWith('kustomization.yaml'))
    .map(({ object: { kind, metadata } }) => JSON.stringify([kind, metadata]));
  t.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
});

test('an overlay with images of its own has a copy of what lets them reach the manager', async (t) => {
  const [original = '', ...copies] = await Promise.all(
    ['default', 'overlays/openshift', 'overlays/cluster-api'].map((folder) =>
      readFile(`kustomize/${folder}/image-fields.yaml`, 'utf8'),
    ),
  );
  t.regex(original, /kind: Deployment/);
  for (const copy of copies) t.is(copy, original);
});

test('a second run writes the same', (t) => {
  t.deepEqual(manifestFiles(), files);
});

test('every field of every kind has a description', (t) => {
  const definitions = objects().filter(
    ({ object }) => object['kind'] === 'CustomResourceDefinition',
  );
  t.true(definitions.length > 0);
  for (const { object } of definitions) {
    const bare = fieldsWithoutDescription(object['spec']);
    // These three are described by Kubernetes.
    t.deepEqual(new Set(bare), new Set(['apiVersion', 'kind', 'metadata']));
  }
});

/** The names of all `properties`, at any depth, that say nothing about themselves. */
function fieldsWithoutDescription(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsWithoutDescription);
  if (!isObject(value)) return [];
  const { properties } = value;
  const fields = isObject(properties) ? Object.entries(properties) : [];
  return [
    ...fields.flatMap(([name, field]) =>
      isObject(field) && typeof field['description'] === 'string' ? [] : [name],
    ),
    ...Object.values(value).flatMap(fieldsWithoutDescription),
  ];
}

test('a folder builds what is in it', (t) => {
  for (const folder of ['base/crds', 'base/infrastructure', 'base/controller']) {
    const { resources } = parse(files.get(`${folder}/kustomization.yaml`) ?? '');
    const found = [...files.keys()].filter((path) => path.startsWith(`${folder}/`));
    t.deepEqual(
      resources.map((name: string) => `${folder}/${name}`).toSorted(),
      found.filter((path) => !path.endsWith('kustomization.yaml')).toSorted(),
    );
  }
});
