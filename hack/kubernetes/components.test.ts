import test from 'ava';
import { argumentsOf, parseVersion, type ComponentOptions } from './components.ts';

const options: ComponentOptions = {
  address: '127.0.0.1',
  ports: { apiServer: 1, etcdClient: 2, etcdPeer: 3 },
  files: {
    etcdData: '/cp/etcd',
    certificates: '/cp/certificates',
    authority: '/cp/certificates/apiserver.crt',
    clientAuthority: '/cp/client-ca.crt',
    clientAuthorityKey: '/cp/client-ca.key',
    serviceAccountKey: '/cp/key',
    tokens: '/cp/tokens',
    controllerManagerKubeconfig: '/cp/kcm',
    schedulerKubeconfig: '/cp/scheduler',
  },
  isFull: true,
  version: { major: 1, minor: 32 },
};

test('the version is read from what the programs print', (t) => {
  t.deepEqual(parseVersion('Kubernetes v1.20.2\n'), { major: 1, minor: 20 });
  t.deepEqual(parseVersion('Kubernetes v1.33.0-alpha.2'), { major: 1, minor: 33 });
  t.throws(() => parseVersion('etcd'), { message: '"etcd" names no version of Kubernetes' });
});

test('everything that listens does so on the loopback address', (t) => {
  const addresses = (['etcd', 'kube-apiserver'] as const)
    .flatMap((program) => argumentsOf(program, options))
    .filter((argument) => /-address=|urls|servers/.test(argument));
  t.true(addresses.length > 0);
  for (const argument of addresses) t.regex(argument, /127\.0\.0\.1/);
  t.true(argumentsOf('kube-scheduler', options).includes('--secure-port=0'));
});

test('the API server reaches etcd where it listens', (t) => {
  t.true(argumentsOf('etcd', options).includes('--listen-client-urls=http://127.0.0.1:2'));
  t.true(argumentsOf('kube-apiserver', options).includes('--etcd-servers=http://127.0.0.1:2'));
});

test('with a node the API server is where Pods reach it, and says so; etcd stays where it was', (t) => {
  const withNode = { ...options, address: '10.111.0.1' };
  const flags = argumentsOf('kube-apiserver', withNode);
  t.true(flags.includes('--bind-address=10.111.0.1'));
  t.true(flags.includes('--advertise-address=10.111.0.1'));
  t.false(flags.some((flag) => flag.startsWith('--endpoint-reconciler-type')));
  t.deepEqual(argumentsOf('etcd', withNode), argumentsOf('etcd', options));
});

test('the API server believes what the controller manager signs', (t) => {
  const flags = argumentsOf('kube-apiserver', options);
  t.true(flags.includes('--client-ca-file=/cp/client-ca.crt'));
  const signer = argumentsOf('kube-controller-manager', options);
  t.true(signer.includes('--cluster-signing-cert-file=/cp/client-ca.crt'));
  t.true(signer.includes('--cluster-signing-key-file=/cp/client-ca.key'));
});

test('Pods need a ServiceAccount only where somebody makes them', (t) => {
  const flag = '--disable-admission-plugins=ServiceAccount';
  t.false(argumentsOf('kube-apiserver', options).includes(flag));
  t.true(argumentsOf('kube-apiserver', { ...options, isFull: false }).includes(flag));
});

test('old versions close their insecure port, which newer ones do not know', (t) => {
  const old = { ...options, version: { major: 1, minor: 20 } };
  for (const program of ['kube-controller-manager', 'kube-scheduler'] as const) {
    t.true(argumentsOf(program, old).includes('--port=0'));
    t.false(argumentsOf(program, options).includes('--port=0'));
  }
});

test('more arguments come last, so that they count', (t) => {
  const more = { 'kube-controller-manager': ['--leader-elect=true'] };
  t.is(argumentsOf('kube-controller-manager', { ...options, more }).at(-1), '--leader-elect=true');
  t.deepEqual(
    argumentsOf('kube-scheduler', { ...options, more }),
    argumentsOf('kube-scheduler', options),
  );
});
