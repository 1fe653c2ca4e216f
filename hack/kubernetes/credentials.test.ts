import test from 'ava';
import { parse } from 'yaml';
import { accessIn, kubeconfig, newSigningKey, newTokens, tokenFile } from './credentials.ts';

test('every user has a token of its own and is an administrator', (t) => {
  const tokens = newTokens();
  t.is(new Set(Object.values(tokens)).size, 3);
  t.is(
    tokenFile({ admin: 'a', controllerManager: 'b', scheduler: 'c' }),
    [
      'a,admin,admin,system:masters\n',
      'b,system:kube-controller-manager,system:kube-controller-manager,system:masters\n',
      'c,system:kube-scheduler,system:kube-scheduler,system:masters\n',
    ].join(''),
  );
});

test('a kubeconfig trusts the server by its certificate only', (t) => {
  const text = kubeconfig({ url: 'https://127.0.0.1:1', token: 'secret', authority: 'PEM' });
  t.like(parse(text), {
    'current-context': 'control-plane',
    clusters: [
      { cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'UEVN' } },
    ],
    users: [{ user: { token: 'secret' } }],
  });
});

test('a kubeconfig gives back what it was made of', (t) => {
  const access = { url: 'https://127.0.0.1:1', token: 'secret', authority: 'PEM' };
  t.deepEqual(accessIn(kubeconfig(access)), access);
});

test('the signing key is a private key in PEM', (t) => {
  t.regex(newSigningKey(), /^-----BEGIN EC PRIVATE KEY-----\n/);
});
