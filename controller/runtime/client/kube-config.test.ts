import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pods } from '#api/core.ts';
import { connect, sendJson, startPeer } from '../testing/http-peer.ts';
import { pod } from '../testing/objects.ts';
import { inClusterConfig, loadKubeConfig } from './kube-config.ts';

async function folderWith(t: ExecutionContext, files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

function kubeconfig(server: string, user: object, context = 'here'): string {
  return JSON.stringify({
    'current-context': context,
    contexts: [{ name: context, context: { cluster: 'c', user: 'u', namespace: 'mine' } }],
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user }],
  });
}

const users: [string, object, string | undefined][] = [
  ['a token', { token: 't0ken' }, 'Bearer t0ken'],
  ['a password', { username: 'me', password: 'secret' }, 'Basic bWU6c2VjcmV0'],
  ['nothing', {}, undefined],
  [
    'a plugin',
    {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'sh',
        args: ['-c', `echo '{"kind":"ExecCredential","status":{"token":"from-plugin"}}'`],
      },
    },
    'Bearer from-plugin',
  ],
];

for (const [what, user, authorization] of users) {
  test(`a user with ${what} gets in`, async (t) => {
    const peer = await startPeer(t, (response) => sendJson(response, pod('a', 1)));
    const folder = await folderWith(t, { config: kubeconfig(peer.url, user) });
    const config = await loadKubeConfig({ path: join(folder, 'config') });
    t.is(config.namespace, 'mine');
    await connect(t, peer.url, { config }).get(pods, { namespace: 'a', name: 'a' });
    t.is(peer.requests[0]?.headers.authorization, authorization);
  });
}

test('the token of a file beside the kubeconfig wins over one in it, and is read again', async (t) => {
  const user = { token: 'old', tokenFile: 'token' };
  const folder = await folderWith(t, {
    config: kubeconfig('https://127.0.0.1:6443', user),
    token: 'one\n',
  });
  const config = await loadKubeConfig({ path: join(folder, 'config') });
  t.deepEqual((await config.credentials()).headers, { Authorization: 'Bearer one' });
  await writeFile(join(folder, 'token'), 'two\n');
  t.deepEqual((await config.credentials()).headers, { Authorization: 'Bearer two' });
});

test('an https server gets the TLS options of the file', async (t) => {
  const user = { 'client-certificate-data': 'Y2VydA==', 'client-key-data': 'a2V5' };
  const folder = await folderWith(t, { config: kubeconfig('https://127.0.0.1:6443', user) });
  const config = await loadKubeConfig({ path: join(folder, 'config') });
  const { tls } = await config.credentials();
  t.deepEqual(tls, { cert: Buffer.from('cert'), key: Buffer.from('key') });
});

const mistakes: [string, string, RegExp][] = [
  ['not YAML', 'a: [', /^kubeconfig .*config: /],
  ['empty', '', /the input is empty$/],
  ['null', '~', /this is not a kubeconfig$/],
  ['a list', '[]', /no current-context is set$/],
  [
    'without its context',
    JSON.stringify({ 'current-context': 'x', contexts: [], clusters: [] }),
    /there is no context "x"$/,
  ],
  ['about no server', kubeconfig('nowhere', {}), /"nowhere" is not a server's URL$/],
];

for (const [what, text, message] of mistakes) {
  test(`a file that is ${what} is refused in one line`, async (t) => {
    const folder = await folderWith(t, { config: text });
    const error = await t.throwsAsync(loadKubeConfig({ path: join(folder, 'config') }), {
      name: 'KubeConfigError',
      message,
    });
    t.notRegex(error.message, /\n/);
  });
}

test('a missing file and a missing context are named', async (t) => {
  const folder = await folderWith(t, { config: kubeconfig('http://127.0.0.1:1', {}) });
  await t.throwsAsync(loadKubeConfig({ path: join(folder, 'none') }), {
    message: /none: no such file$/,
  });
  await t.throwsAsync(loadKubeConfig({ path: join(folder, 'config'), context: 'other' }), {
    message: /there is no context "other"$/,
  });
});

test('without a path the environment decides, and the first file names the context', async (t) => {
  const folder = await folderWith(t, {
    one: JSON.stringify({ 'current-context': 'there', contexts: [], clusters: [], users: [] }),
    two: kubeconfig('http://127.0.0.1:2', {}, 'there'),
  });
  const env = { KUBECONFIG: `${join(folder, 'one')}:${join(folder, 'two')}` };
  t.is((await loadKubeConfig({ env })).server, 'http://127.0.0.1:2');
  await t.throwsAsync(loadKubeConfig({ env: { HOME: folder } }), {
    message: /No cluster to talk to/,
  });
});

test('in a Pod the service account is used, and a rotated token is read again', async (t) => {
  const folder = await folderWith(t, { token: 'one\n', 'ca.crt': 'CA', namespace: 'ns' });
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const config = await inClusterConfig({ env, folder });
  t.is(config?.server, 'https://[fd00::1]:443');
  t.is(config?.namespace, 'ns');
  t.deepEqual(await config?.credentials(), {
    headers: { authorization: 'Bearer one' },
    tls: { ca: 'CA' },
  });
  await writeFile(join(folder, 'token'), 'two');
  t.is((await config?.credentials())?.headers['authorization'], 'Bearer two');
});

test('outside a Pod there is no in-cluster configuration', async (t) => {
  const folder = await folderWith(t, {});
  t.is(await inClusterConfig({ env: {}, folder }), undefined);
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  t.is(await inClusterConfig({ env, folder }), undefined);
});
