/** Selecting and paging. */
import type { Reply } from '#local/apiserver/testing.ts';
import { configMap } from '#local/apiserver/testing.ts';
import { conformance, outcome, refusal, type Api } from './suite.ts';

/** The path of a kind of which nobody else creates any, with objects `a`, `b`, … that have these labels. */
async function leasesWith(api: Api, ...labels: Record<string, string>[]): Promise<string> {
  const leases = await api.leases();
  for (const [index, each] of labels.entries()) {
    const name = 'abcde'.charAt(index);
    await api.must(api.post(leases, { metadata: { name, labels: each }, spec: {} }));
  }
  return leases;
}

const namesOf = ({ body }: Reply): string => body.items.map(({ metadata }) => metadata.name).join();

const selectors: [selector: string, names: string][] = [
  ['app=x', 'a,d'],
  ['app==x', 'a,d'],
  ['app!=x', 'b,c'],
  ['app', 'a,b,d'],
  ['!app', 'c'],
  ['app in (x, y)', 'a,b,d'],
  ['app notin (x)', 'b,c'],
  ['app=x,tier=1', 'a'],
  ['app=x,!tier', 'd'],
  ['tier>0', 'a'],
  ['tier<1', ''],
  ['app=', ''],
  [' app = x ', 'a,d'],
];

conformance('labels select', async (t, api) => {
  const leases = await leasesWith(api, { app: 'x', tier: '1' }, { app: 'y' }, {}, { app: 'x' });
  for (const [selector, names] of selectors) {
    const reply = await api.get(`${leases}?labelSelector=${encodeURIComponent(selector)}`);
    t.is(namesOf(reply), names, selector);
  }
  for (const selector of ['=x', 'a b', 'app in x', 'app in (x', 'app=x,', ',', '!app=x', 'app>x']) {
    const reply = await api.get(`${leases}?labelSelector=${encodeURIComponent(selector)}`);
    t.is(outcome(reply), '400 BadRequest', selector);
  }
});

conformance('fields select: name and namespace everywhere', async (t, api) => {
  const leases = await leasesWith(api, {}, {}, {});
  const select = (selector: string): Promise<Reply> =>
    api.get(`${leases}?fieldSelector=${encodeURIComponent(selector)}`);
  t.is(namesOf(await select('metadata.name=b')), 'b');
  t.is(namesOf(await select('metadata.name==b')), 'b');
  t.is(namesOf(await select('metadata.name!=b')), 'a,c');
  t.is(namesOf(await select('metadata.name=a,metadata.name=b')), '');
  t.is(namesOf(await select('metadata.namespace=none')), '');
  t.is(outcome(await select('spec.holderIdentity=x')), '400 BadRequest');
  t.is(outcome(await select('metadata.name')), '400 BadRequest');
});

const ownFields: [path: string, selector: string, outcome: string][] = [
  ['/pods', 'spec.nodeName=x,status.phase=Pending', '200'],
  ['/pods', 'spec.hostname=x', '400 BadRequest'],
  ['/events', 'involvedObject.name=x,reason=y', '200'],
  ['/secrets', 'type=x', '200'],
];

for (const [path, selector, expected] of ownFields) {
  conformance(`fields select ${path.slice(1)} by ${selector}: ${expected}`, async (t, api) => {
    const url = `${await api.namespace()}${path}`;
    const reply = await api.get(`${url}?fieldSelector=${encodeURIComponent(selector)}`);
    t.is(outcome(reply), expected);
  });
}

conformance('a list comes in pages of the first one’s time', async (t, api) => {
  const leases = await leasesWith(api, {}, {}, {}, {}, {});
  const first = await api.get(`${leases}?limit=2`);
  t.is(namesOf(first), 'a,b');
  t.is(first.body.metadata.remainingItemCount, 3);
  await api.must(api.delete(`${leases}/c`));
  await api.must(api.post(leases, { metadata: { name: 'bb' }, spec: {} }));
  const token = encodeURIComponent(first.body.metadata.continue ?? '');
  const second = await api.get(`${leases}?limit=2&continue=${token}`);
  t.is(namesOf(second), 'c,d');
  t.is(second.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
  const next = encodeURIComponent(second.body.metadata.continue ?? '');
  const third = await api.get(`${leases}?limit=2&continue=${next}`);
  t.is(namesOf(third), 'e');
  t.is(third.body.metadata.continue, undefined);
});

conformance('with a selector nobody counts the rest, and a page may be empty', async (t, api) => {
  const leases = await leasesWith(api, { app: 'x' }, { app: 'x' }, {});
  const first = await api.get(`${leases}?limit=2&labelSelector=app`);
  t.is(namesOf(first), 'a,b');
  t.is(first.body.metadata.remainingItemCount, undefined);
  const token = encodeURIComponent(first.body.metadata.continue ?? '');
  t.not(token, '');
  const second = await api.get(`${leases}?limit=2&labelSelector=app&continue=${token}`);
  t.is(namesOf(second), '');
  t.is(second.body.metadata.continue, undefined);
});

conformance.serial('a page that comes too late is 410, and says how to go on', async (t, api) => {
  const leases = await leasesWith(api, {}, {}, {});
  const first = await api.get(`${leases}?limit=2`);
  await api.must(api.post(leases, { metadata: { name: 'bb' }, spec: {} }));
  await api.expireHistory();
  const token = encodeURIComponent(first.body.metadata.continue ?? '');
  const late = await api.get(`${leases}?limit=2&continue=${token}`);
  t.is(outcome(late), '410 Expired');
  t.regex(late.body.message ?? '', /^The provided continue parameter is too old /);
  const fresh = encodeURIComponent(late.body.metadata.continue ?? '');
  t.is(namesOf(await api.get(`${leases}?continue=${fresh}`)), 'bb,c');
});

conformance.serial(
  'an exact version is listed as it was, until it is forgotten',
  async (t, api) => {
    const leases = await leasesWith(api, {});
    const { resourceVersion } = (await api.get(leases)).body.metadata;
    await api.must(api.delete(`${leases}/a`));
    const exact = `${leases}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`;
    // Without a limit 1.20 answers from its cache, which has no past.
    t.is(namesOf(await api.get(`${exact}&limit=9`)), 'a');
    await api.must(api.post(leases, { metadata: { name: 'b' }, spec: {} }));
    await api.expireHistory();
    t.deepEqual(refusal(await api.get(`${exact}&limit=9`)), {
      code: 410,
      reason: 'Expired',
      message: 'The resourceVersion for the provided list is too old.',
    });
  },
);

const badOptions: [query: string, outcome: string][] = [
  ['limit=x', '400 BadRequest'],
  ['continue=x', '400 BadRequest'],
  ['resourceVersion=x', '500'],
  ['resourceVersionMatch=Exact', '422 Invalid'],
  ['resourceVersion=0&resourceVersionMatch=Exact', '422 Invalid'],
  ['resourceVersion=1&resourceVersionMatch=Some', '422 Invalid'],
  ['resourceVersion=1&resourceVersionMatch=NotOlderThan&continue=x', '422 Invalid'],
  ['watch=1&resourceVersion=x', '500'],
  ['watch=1&labelSelector=%3D', '400 BadRequest'],
  ['watch=1&fieldSelector=no%3D1', '400 BadRequest'],
];

for (const [query, expected] of badOptions) {
  conformance(`a list with ${query}: ${expected}`, async (t, api) => {
    const leases = await api.leases();
    t.is(outcome(await api.get(`${leases}?${query}`)), expected);
  });
}

conformance('a version from the future is not there yet', async (t, api) => {
  const leases = await api.leases();
  const reply = await api.get(`${leases}?resourceVersion=999999999`);
  t.is(outcome(reply), '504 Timeout');
  t.like(reply.body.details, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
});

conformance('a page continues at its own version only', async (t, api) => {
  const leases = await leasesWith(api, {}, {});
  const { body } = await api.get(`${leases}?limit=1`);
  const token = encodeURIComponent(body.metadata.continue ?? '');
  const reply = await api.get(`${leases}?continue=${token}&resourceVersion=5`);
  t.is(reply.body.message, 'specifying resource version is not allowed when using continue');
});

conformance('lists reach over all namespaces', async (t, api) => {
  const [one, two] = [await api.namespace(), await api.namespace()];
  const labels = { 'example.com/test': one.split('-').at(-1) ?? '' };
  for (const path of [one, two]) {
    await api.must(api.post(`${path}/configmaps`, configMap('a', {}, { labels })));
  }
  const selector = encodeURIComponent(`example.com/test=${labels['example.com/test']}`);
  const { body } = await api.get(`/api/v1/configmaps?labelSelector=${selector}`);
  t.is(body.kind, 'ConfigMapList');
  const found = body.items.map(({ metadata }) => `/api/v1/namespaces/${metadata.namespace}`);
  t.deepEqual(found.toSorted(), [one, two].toSorted());
});
