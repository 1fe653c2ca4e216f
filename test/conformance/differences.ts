/**
 * Where the embedded server is known to differ, and shall: following the real one would weigh more
 * than it is worth. A difference that has gone fails, and is to be removed here and in
 * hack/local/README.md.
 */
import { isObject } from '#api/json.ts';
import { configMap, pod } from '#local/apiserver/testing.ts';
import { definition, definitions } from './custom-resources/widgets.ts';
import { conformance, outcome, uniqueName, type Api } from './suite.ts';

interface Difference {
  title: string;
  observe: (api: Api) => Promise<unknown>;
  real: unknown;
  embedded: unknown;
}

async function newConfigMap(api: Api): Promise<string> {
  const configMaps = `${await api.namespace()}/configmaps`;
  await api.must(api.post(configMaps, configMap('a', { k: 'v' })));
  return `${configMaps}/a`;
}

async function typeOf(api: Api, accept: string): Promise<string> {
  const { code, headers } = await api.get(await newConfigMap(api), { accept });
  return `${code} ${headers.get('content-type')}`;
}

const container = { name: 'main', image: 'nginx:1' };

const podMistakes: object[] = [
  { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
  { nodeSelector: { 'a b': 'c' } },
  { nodeName: 'A_' },
  { dnsPolicy: 'None at all' },
  { activeDeadlineSeconds: 0 },
  { volumes: [{ name: 'A_', emptyDir: {} }] },
  { containers: [{ ...container, imagePullPolicy: 'Sometimes' }] },
  { containers: [{ ...container, ports: [{ containerPort: 99_999 }] }] },
  { containers: [{ ...container, env: [{ name: 'a b' }] }] },
  { containers: [{ ...container, livenessProbe: {} }] },
  { containers: [{ ...container, resources: { requests: { cpu: '-1' } } }] },
];

const differences: Difference[] = [
  {
    title: 'answers in YAML',
    observe: (api) => typeOf(api, 'application/yaml'),
    real: '200 application/yaml',
    embedded: '406 application/json',
  },
  {
    title: 'answers in protobuf',
    observe: (api) => typeOf(api, 'application/vnd.kubernetes.protobuf,application/json'),
    real: '200 application/vnd.kubernetes.protobuf',
    embedded: '200 application/json',
  },
  {
    title: 'server-side apply',
    observe: async (api) => {
      const path = await newConfigMap(api);
      const type = { 'content-type': 'application/apply-patch+yaml' };
      const object = { apiVersion: 'v1', kind: 'ConfigMap', data: { k: 'v' } };
      return (await api.send('PATCH', `${path}?fieldManager=test`, object, type)).code;
    },
    real: 200,
    embedded: 415,
  },
  {
    title: 'managed fields',
    observe: async (api) =>
      'managedFields' in (await api.get(await newConfigMap(api))).body.metadata,
    real: true,
    embedded: false,
  },
  {
    title: 'a definition is served some time after it was accepted',
    observe: async (api) => {
      const group = `${uniqueName('g')}.example.com`;
      api.cleanUp(() => api.delete(`${definitions}/widgets.${group}`));
      const { body } = await api.must(api.post(definitions, definition(group, {})));
      return Array.isArray(body.status?.['conditions']);
    },
    real: false,
    embedded: true,
  },
  {
    title: 'a namespace that is being deleted has no grace period',
    observe: async (api) => {
      const { body } = await api.must(api.delete(await api.namespace()));
      return body.metadata.deletionGracePeriodSeconds;
    },
    real: undefined,
    embedded: 0,
  },
  {
    title: 'a Pod needs its ServiceAccount',
    observe: async (api) => {
      const spec = { serviceAccountName: 'none' };
      return outcome(await api.post(`${await api.namespace()}/pods`, pod('p', spec)));
    },
    real: '403 Forbidden',
    embedded: '201',
  },
  {
    title: 'a Service gets an address',
    observe: async (api) => {
      const service = { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } };
      const { body } = await api.must(api.post(`${await api.namespace()}/services`, service));
      return 'clusterIP' in (body.spec ?? {});
    },
    real: true,
    embedded: false,
  },
  {
    title: 'a claim is protected while Pods use it',
    observe: async (api) => {
      const spec = {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      };
      const claims = `${await api.namespace()}/persistentvolumeclaims`;
      const { body } = await api.must(api.post(claims, { metadata: { name: 'c' }, spec }));
      return body.metadata.finalizers;
    },
    real: ['kubernetes.io/pvc-protection'],
    embedded: undefined,
  },
  {
    title: 'zeros and nulls of workloads that nobody has set',
    observe: async (api) => {
      const path = `/apis/apps/v1${(await api.namespace()).slice('/api/v1'.length)}/replicasets`;
      const labels = { app: 'x' };
      const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
      const spec = { replicas: 0, selector: { matchLabels: labels }, template };
      const { body } = await api.must(api.post(path, { metadata: { name: 'r' }, spec }));
      const stored = body.spec?.['template'];
      const metadata = isObject(stored) && isObject(stored['metadata']) ? stored['metadata'] : {};
      return [body.status, 'creationTimestamp' in metadata];
    },
    real: [{ replicas: 0 }, true],
    embedded: [undefined, false],
  },
  {
    title: 'most mistakes in Pods are refused',
    observe: async (api) => {
      const pods = `${await api.namespace()}/pods?dryRun=All`;
      const codes: number[] = [];
      for (const mistake of podMistakes) {
        const spec = { automountServiceAccountToken: false, ...mistake };
        codes.push((await api.post(pods, pod('p', spec))).code);
      }
      return codes;
    },
    real: podMistakes.map(() => 422),
    embedded: podMistakes.map(() => 201),
  },
  {
    title: 'keys and values of ConfigMaps and Secrets are checked',
    observe: async (api) => {
      const namespace = await api.namespace();
      const metadata = { name: 'a' };
      const configMaps = api.post(`${namespace}/configmaps`, { metadata, data: { 'a b': 'c' } });
      const secrets = api.post(`${namespace}/secrets`, { metadata, data: { a: '!' } });
      return [outcome(await configMaps), outcome(await secrets)];
    },
    real: ['422 Invalid', '400 BadRequest'],
    embedded: ['201', '201'],
  },
  {
    title: 'events.k8s.io',
    observe: async (api) => (await api.get('/apis/events.k8s.io')).code,
    real: 200,
    embedded: 404,
  },
  {
    title: 'the list of all paths',
    observe: async (api) => (await api.get('/')).code,
    real: 200,
    embedded: 404,
  },
  {
    title: 'null for a body is an empty object',
    observe: async (api) =>
      outcome(await api.send('POST', `${await api.namespace()}/configmaps`, 'null')),
    real: '422 Invalid',
    embedded: '400 BadRequest',
  },
  {
    title: 'another uid is found twice',
    observe: async (api) => {
      const { body } = await api.patch(await newConfigMap(api), { metadata: { uid: 'x' } });
      return body.details?.causes?.length;
    },
    real: 2,
    embedded: 1,
  },
];

for (const { title, observe, ...expected } of differences) {
  conformance(`expected difference: ${title}`, async (t, api) => {
    t.notDeepEqual(expected.real, expected.embedded);
    t.deepEqual(await observe(api), expected[api.backend]);
  });
}
