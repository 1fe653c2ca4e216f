import test from 'ava';
import type { Pod } from '#api/core.ts';
import { statusError } from '#runtime/client/status.ts';
import { pod } from '#runtime/testing/objects.ts';
import { evictPods, type EvictionClient } from './evict.ts';

const { signal } = new AbortController();

const labeled = (name: string, labels: Record<string, string>, ready = true): Pod =>
  pod(name, 1, {
    metadata: { namespace: 'default', name, uid: `uid-of-${name}`, labels },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });

const because = (message: string) => ({
  code: 429,
  reason: 'TooManyRequests',
  message: 'Cannot evict pod as it would violate the pod’s disruption budget.',
  details: { causes: [{ reason: 'DisruptionBudget', message }] },
});
const spent = because('The disruption budget web-pdb needs 3 healthy pods and has 3 currently');

/** What was asked for, and a client that asks `answer` for each Pod by name. */
function recording(answer: (name: string) => object | undefined = () => undefined) {
  const asked: string[] = [];
  const bodies: object[] = [];
  const client: EvictionClient = {
    createSubresource: async (_kind, { name }, subresource, body) => {
      asked.push(`${subresource} ${name}`);
      bodies.push(body);
      const error = answer(name);
      if (error !== undefined) throw error instanceof Error ? error : statusError('POST', error);
      return {};
    },
  };
  return { asked, bodies, client };
}

test('an eviction names the very Pod, and leaves the version to the server', async (t) => {
  const { bodies, client } = recording();
  t.deepEqual(await evictPods(client, { signal }, [pod('a', 1)]), []);
  t.deepEqual(bodies, [
    {
      metadata: { namespace: 'default', name: 'a' },
      deleteOptions: { preconditions: { uid: 'uid-of-a' } },
    },
  ]);
});

test('a shorter grace is asked for', async (t) => {
  const { bodies, client } = recording();
  await evictPods(client, { signal }, [pod('a', 1)], 1);
  t.like(bodies[0], { deleteOptions: { gracePeriodSeconds: 1 } });
});

test('a budget that refuses one Pod is not asked for those that look alike', async (t) => {
  const { asked, client } = recording((name) => (name.startsWith('web') ? spent : undefined));
  const web = { app: 'web', tier: 'front' };
  const refusals = await evictPods(client, { signal }, [
    labeled('web-1', web),
    labeled('web-2', { tier: 'front', app: 'web' }),
    labeled('web-sick', web, false),
    labeled('db-1', { app: 'db' }),
    labeled('db-2', { app: 'db' }),
  ]);
  const names = asked.map((request) => request.replace('eviction ', ''));
  t.deepEqual(names.toSorted(), ['db-1', 'db-2', 'web-1', 'web-sick']);
  t.deepEqual(
    refusals.map((refusal) => `${refusal.pod} ${refusal.budget}`),
    ['default/web-1 web-pdb', 'default/web-sick web-pdb'],
  );
});

test('a budget that is still being counted is named, too', async (t) => {
  const why = 'The disruption budget new-pdb is still being processed by the server.';
  const { client } = recording(() => because(why));
  const [refusal] = await evictPods(client, { signal }, [pod('a', 1)]);
  t.is(refusal?.budget, 'new-pdb');
});

const others = [
  { code: 429, reason: 'TooManyRequests', message: 'slow down' },
  { code: 429, message: 'later', details: { causes: [null, 'x', { reason: 'Other' }] } },
  { code: 500, message: 'This pod has more than one PodDisruptionBudget' },
  { code: 403, reason: 'Forbidden', message: 'not yours' },
];
for (const error of others) {
  test(`a refusal of another kind is told in the server's words: ${error.message}`, async (t) => {
    const { client } = recording(() => error);
    const refusals = await evictPods(client, { signal }, [pod('a', 1)]);
    t.deepEqual(refusals, [{ pod: 'default/a', message: error.message }]);
  });
}

for (const [reason, code] of [
  ['NotFound', 404],
  ['Conflict', 409],
] as const) {
  test(`a Pod that is gone or another is no refusal: ${reason}`, async (t) => {
    const { asked, client } = recording(() => ({ code, reason }));
    t.deepEqual(await evictPods(client, { signal }, [pod('a', 1), pod('b', 1)]), []);
    t.is(asked.length, 2);
  });
}

test('a server that does not answer is an error', async (t) => {
  const { client } = recording(() => new Error('connection reset'));
  await t.throwsAsync(evictPods(client, { signal }, [pod('a', 1)]), {
    message: 'connection reset',
  });
});
