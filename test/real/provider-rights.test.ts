/** The role of the provider for Cluster API, held by a real API server: enough for a whole life, and all of it used. */
import test from 'ava';
import { nodes, secrets } from '#api/core.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import type { RequestRecord } from '#local/apiserver/server.ts';
import { infrastructureGrants } from '#manifests/grants.ts';
import { Core, coreClusters, coreMachines } from '#test/helpers/cluster-api-core.ts';
import { provider } from '#test/helpers/cluster-api.ts';
import { liveAsProvider } from './harness/provider-life.ts';
import { openRealStory } from './harness/real-story.ts';
import { areNeeded, areSufficient } from './harness/rights.ts';

test('each right is needed, and no other is asked for', async (t) => {
  const story = await openRealStory(t);
  const requests: RequestRecord[] = [];
  story.cluster.server.onRequest((request) => {
    if (request.userAgent === provider) requests.push(request);
  });
  story.cluster.start();
  await liveAsProvider(story);
  areSufficient(t, requests);
  areNeeded(t, requests, infrastructureGrants);
});

test('the provider lists no Secrets, and writes nothing of core', async (t) => {
  const story = await openRealStory(t);
  await new Core(story.client, { hasSigner: true }).install(story);
  const client = story.cluster.newClient(provider);
  t.teardown(() => client.close());
  const key = { namespace: 'default', name: 'any' };
  for (const request of [
    client.list(secrets),
    client.list(secrets, { namespace: 'default' }),
    client.patch(coreMachines, key, {}),
    client.patch(coreClusters, key, {}),
    client.delete(kubemarkMachines, key),
    client.list(nodes),
  ]) {
    t.like(await t.throwsAsync(request), { status: { code: 403 } });
  }
});
