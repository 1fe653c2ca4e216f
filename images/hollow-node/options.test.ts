import test from 'ava';
import { FlagError } from '#runtime/flags.ts';
import { kubemarkFlags } from '#test/helpers/hollow-node.ts';
import { faultsFromFlags, hollowNodeOptions } from './options.ts';

const options = (...args: string[]) => hollowNodeOptions(kubemarkFlags(...args));

test('without flags it is a kubemark with the defaults', (t) => {
  t.deepEqual(options(), {
    name: 'fake-node',
    providerID: 'kubemark://fake-node',
    nodeLabels: {},
    taints: [],
    resources: { cpu: '1', 'ephemeral-storage': '0', memory: '3840Mi', pods: '110' },
    kubeletPort: 10_250,
    statusUpdateFrequency: 10_000,
    statusReportFrequency: 300_000,
    leaseDuration: 40_000,
    faults: [],
  });
  t.is(kubemarkFlags().kubeconfig, '/kubeconfig/kubeconfig');
});

test('takes the command line of the upstream template', (t) => {
  const values = kubemarkFlags(
    '--morph=kubelet',
    '--name=hollow-node-7',
    '--kubeconfig=/kubeconfig/kubelet.kubeconfig',
    '--kube-api-content-type=application/vnd.kubernetes.protobuf',
    '--log-file=/var/log/kubelet-hollow-node-7.log',
    '--logtostderr=false',
    '--node-labels=role=hollow,zone=a',
  );
  t.is(values.morph, 'kubelet');
  t.is(values.kubeconfig, '/kubeconfig/kubelet.kubeconfig');
  t.is(hollowNodeOptions(values).name, 'hollow-node-7');
  t.deepEqual(hollowNodeOptions(values).nodeLabels, { role: 'hollow', zone: 'a' });
});

test('takes the hollow proxy of the upstream template', (t) => {
  const values = kubemarkFlags(
    '--morph=proxy',
    '--name=hollow-node-7',
    '--kubeconfig=/kubeconfig/kubeproxy.kubeconfig',
    '--use-real-proxier=false',
    '--proxier-sync-period=60s',
    '--v=2',
  );
  t.is(values.morph, 'proxy');
  t.is(values.v, 2);
});

test('takes the command line of the OpenShift actuator', (t) => {
  const commandLine =
    '--morph=kubelet --name=3f0c --turn-unhealthy-periodically=true --unhealthy-duration=5s' +
    ' --healthy-duration=40s --num-cores=2 --memory-capacity=10737418240' +
    ' --node-status-update-frequency=2s --no-schedule=true' +
    ' --kube-api-content-type=application/vnd.kubernetes.protobuf --alsologtostderr';
  const node = options(...commandLine.split(' '));
  t.is(node.statusUpdateFrequency, 2000);
  t.deepEqual(node.taints, [{ key: 'kubemark', value: 'true', effect: 'NoSchedule' }]);
  t.like(node.resources, { cpu: '2', memory: '10Gi' });
  t.is(node.faults.length, 1);
});

test('takes the command line of CAPK, with its empty arguments', (t) => {
  const node = options(
    '--v=3',
    '--morph=kubelet',
    '--name=machine-1',
    '--extended-resources=cpu=96,memory=48000Mi,nvidia.com/gpu=8',
    '',
    '--register-with-taints=dedicated=test:NoExecute,flaky:PreferNoSchedule',
    '',
  );
  t.deepEqual(node.resources, {
    cpu: '96',
    'ephemeral-storage': '0',
    memory: '48000Mi',
    pods: '110',
    'nvidia.com/gpu': '8',
  });
  t.deepEqual(node.taints, [
    { key: 'dedicated', value: 'test', effect: 'NoExecute' },
    { key: 'flaky', effect: 'PreferNoSchedule' },
  ]);
});

test('takes klog, cadvisor and newer flags without effect', (t) => {
  const args = [
    '--v_module=x',
    '--alsologtostderr',
    '--stderrthreshold',
    '2',
    '--docker-only',
    '--housekeeping_interval=10s',
    '--max-pods=250',
    '--use-host-image-service=false',
    '--bootstrap-kubeconfig=',
    '--cert-dir=/etc/srv/',
    '--kube-api-qps=10',
    '--kube-api-burst=20',
    '--container-runtime-endpoint=unix:///run/x.sock',
    '--node-lease-duration-seconds=20',
    '--node-status-report-frequency=1m',
  ];
  t.throws(() => kubemarkFlags(...args), { message: 'unknown flag: --v-module' });
  const node = options('--vmodule=x', ...args.slice(1));
  t.is(node.resources['pods'], '250');
  t.is(node.leaseDuration, 20_000);
  t.is(node.statusReportFrequency, 60_000);
});

const refused: [string, string][] = [
  ['--provider-id=x', 'unknown flag: --provider-id'],
  ['kubelet', '"kubemark" does not take any arguments, got "kubelet"'],
  [
    '--healthy-duration=5',
    'invalid argument "5" for "--healthy-duration" flag: "5" is not a duration (want e.g. "5s", "1m30s")',
  ],
  [
    '--extended-resources=cpu=many',
    'invalid argument "cpu=many" for "--extended-resources" flag: "many" is not a quantity (want e.g. "2", "500m", "10Gi")',
  ],
  [
    '--register-with-taints=a=b:Never',
    'invalid argument "a=b:Never" for "--register-with-taints" flag: "a=b:Never" is not a taint (want e.g. "key=value:NoSchedule")',
  ],
  [
    '--node-status-update-frequency=0',
    'invalid argument "0" for "--node-status-update-frequency" flag: want a duration of at least 100ms',
  ],
  [
    '--node-labels=a b=c',
    'invalid argument "a b=c" for "--node-labels" flag: "a b=c" is not a label (want e.g. "zone=a")',
  ],
  [
    '--register-with-taints=a b:NoSchedule',
    'invalid argument "a b:NoSchedule" for "--register-with-taints" flag: "a b:NoSchedule" is not a taint (want e.g. "key=value:NoSchedule")',
  ],
  [
    '--extended-resources=cpu=-1',
    'invalid argument "cpu=-1" for "--extended-resources" flag: "-1" is negative',
  ],
  [
    '--extended-resources=a b=1',
    'invalid argument "a b=1" for "--extended-resources" flag: "a b" is not a resource (want e.g. "cpu")',
  ],
  [
    '--name=Node_1',
    'invalid argument "Node_1" for "--name" flag: want the name of a node, e.g. "hollow-1"',
  ],
  [
    '--memory-capacity=0',
    `invalid argument "0" for "--memory-capacity" flag: want an integer from 1 to ${Number.MAX_SAFE_INTEGER}`,
  ],
  [
    '--kubelet-port=65536',
    'invalid argument "65536" for "--kubelet-port" flag: want an integer from 0 to 65535',
  ],
];

for (const [argument, message] of refused) {
  test(`refuses ${argument}`, (t) => {
    t.throws(() => kubemarkFlags(argument), { instanceOf: FlagError, message });
  });
}

const none = {
  'turn-unhealthy-after': false,
  'turn-unhealthy-periodically': false,
  'healthy-duration': 40_000,
  'unhealthy-duration': 90_000,
};

test('periods without durations are refused', (t) => {
  for (const name of ['healthy-duration', 'unhealthy-duration']) {
    t.throws(() => faultsFromFlags({ ...none, 'turn-unhealthy-periodically': true, [name]: 0 }), {
      instanceOf: FlagError,
      message: /^--turn-unhealthy-periodically wants --healthy-duration and --unhealthy-duration/,
    });
  }
});

test('durations alone make no fault', (t) => {
  t.deepEqual(faultsFromFlags(none), []);
});

test('--turn-unhealthy-after is NotReady for ever after the healthy duration', (t) => {
  t.deepEqual(faultsFromFlags({ ...none, 'turn-unhealthy-after': true }), [
    {
      type: 'NotReady',
      after: 40_000,
      message:
        'RuntimeDisrupter is not healthy: reporting unhealty indefinitely on request (40s after start up)',
    },
  ]);
});

test('--turn-unhealthy-periodically starts healthy and repeats', (t) => {
  t.deepEqual(faultsFromFlags({ ...none, 'turn-unhealthy-periodically': true }), [
    {
      type: 'NotReady',
      after: 40_000,
      duration: 90_000,
      period: 130_000,
      message:
        'RuntimeDisrupter is not healthy: reporting unhealty periodically on request (every 1m30s)',
    },
  ]);
});
