import test from 'ava';
import { stringify } from 'yaml';
import { inlineKubeConfig } from './inline-kube-config.ts';

const pem = '-----BEGIN CERTIFICATE-----';

function kubeconfig(cluster: object = {}, user: object = {}): string {
  return stringify({
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u', namespace: 'n' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1:6443', ...cluster } }],
    users: [{ name: 'u', user: { token: 'secret', ...user } }],
  });
}

test('server, authority and token are read from the text', async (t) => {
  const data = Buffer.from(pem).toString('base64');
  const config = inlineKubeConfig(kubeconfig({ 'certificate-authority-data': data }));
  t.is(config.server, 'https://192.0.2.1:6443');
  t.is(config.namespace, 'n');
  t.is(config.authority, pem);
  t.deepEqual(await config.credentials(), {
    headers: { Authorization: 'Bearer secret' },
    tls: { ca: pem },
  });
});

for (const [cluster, user, name] of [
  [{}, { exec: { command: 'sh' } }, 'exec'],
  [{}, { tokenFile: '/var/run/secrets/token' }, 'tokenFile'],
  [{}, { 'client-key': '/etc/key' }, 'client-key'],
  [{ 'certificate-authority': '/etc/ca' }, {}, 'certificate-authority'],
] as const) {
  test(`a kubeconfig with ${name} is refused: it is a tenant's`, (t) => {
    t.throws(() => inlineKubeConfig(kubeconfig(cluster, user)), {
      message: new RegExp(`^"${name}" is not allowed`),
    });
  });
}

for (const [text, message] of [
  ['', 'this is not a kubeconfig'],
  ['just words', 'this is not a kubeconfig'],
  ['{', /^this is not a kubeconfig: /],
  ['a: 1', 'there is no context named'],
  [kubeconfig({ server: 'nowhere' }), '"nowhere" is not a server\'s URL'],
] as const) {
  test(`${JSON.stringify(text.slice(0, 20))} is told what is wrong`, (t) => {
    t.throws(() => inlineKubeConfig(text), { name: 'KubeConfigError', message });
  });
}
