/** Custom kinds of the tests: a group each, so that they can run side by side. */
import { view } from '#local/apiserver/object.ts';
import { uniqueName, type Api } from '../suite.ts';

interface Condition {
  type: string;
  status: string;
}

export interface Widgets {
  group: string;
  /** Of the collection in one namespace. */
  path: string;
  widget: (name: string, spec?: object, more?: object) => object;
}

export const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export function definition(group: string, spec: object, version: object = {}): object {
  const status = {
    type: 'object',
    properties: {
      phase: { type: 'string' },
      replicas: { type: 'integer' },
      selector: { type: 'string' },
    },
  };
  const properties = { spec: { type: 'object', ...spec }, status };
  const schema = { openAPIV3Schema: { type: 'object', properties } };
  const subresources = { status: {} };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, subresources, schema, ...version }],
    },
  };
}

/** A kind in a group of its own, served. */
export async function define(api: Api, spec: object, version: object = {}): Promise<Widgets> {
  const namespace = await api.namespace();
  const group = `${uniqueName('g')}.example.com`;
  await api.must(api.post(definitions, definition(group, spec, version)));
  api.cleanUp(() => api.delete(`${definitions}/widgets.${group}`));
  const path = `/apis/${group}/v1${namespace.slice('/api/v1'.length)}/widgets`;
  await api.eventually('the kind is served', async () => {
    const { body } = await api.get(`${definitions}/widgets.${group}`);
    const conditions = view<Condition[]>(body.status?.['conditions'] ?? []);
    return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
  });
  await api.eventually('its objects can be listed', async () => {
    return (await api.get(path)).code === 200;
  });
  const type = { apiVersion: `${group}/v1`, kind: 'Widget' };
  return {
    group,
    path,
    widget: (name, wanted = {}, more = {}) => ({
      ...type,
      metadata: { name },
      spec: wanted,
      ...more,
    }),
  };
}

/** Of a kind with one required member. */
export const sized = {
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10 },
    color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
    nested: {
      type: 'object',
      default: {},
      properties: { deep: { type: 'string', default: 'water' } },
    },
    note: { type: 'string', nullable: true },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};
