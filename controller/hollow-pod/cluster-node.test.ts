import test from 'ava';
import type { KubemarkMachineSpec } from '#api/infrastructure/v1alpha4/machine-spec.ts';
import { clusterNode, type NodeOptions } from './cluster-node.ts';
import { clusterPod } from './cluster-pod.ts';
import { clusterNodeName } from './names.ts';

const options = { name: 'worker', hollowNodeImage: 'example.com/hollow:v1' };

test('a machine that says nothing is of the default size and image', (t) => {
  t.like(clusterNode({}, options), {
    image: 'example.com/hollow:v1',
    runtime: 'HollowNode',
    resources: { cpu: '1', memory: '4G' },
  });
});

test('an old kubemark is told of resources only where somebody asks for them', (t) => {
  const image = 'a/kubemark:v1.20.2';
  t.deepEqual(clusterNode({ image }, options).resources, {});
  const kubemarkOptions = { extendedResources: { cpu: 2 } };
  t.deepEqual(clusterNode({ image, kubemarkOptions }, options).resources, { cpu: '2' });
  const ofOurs = clusterNode({ image: 'a/hollow-node:v1.0.0', runtime: 'HollowNode' }, options);
  t.deepEqual(ofOurs.resources, { cpu: '1', memory: '4G' });
});

for (const [title, spec, more, expected] of [
  [
    "a kubemark of the Machine's version, where the manager knows a repository",
    {},
    { kubemarkImage: 'example.com/kubemark', version: 'v1.34.0' },
    { image: 'example.com/kubemark:v1.34.0', runtime: 'Kubemark' },
  ],
  [
    'an image is a real kubemark, as of the existing provider',
    { image: 'a/b:c' },
    {},
    { image: 'a/b:c', runtime: 'Kubemark' },
  ],
  [
    'an image may be another hollow node',
    { image: 'a/b:c', runtime: 'HollowNode' },
    {},
    { image: 'a/b:c', runtime: 'HollowNode' },
  ],
  [
    'a build of a version is part of a tag',
    {},
    { kubemarkImage: 'a/b', version: 'v1.34.0-rc.1+k3s1' },
    { image: 'a/b:v1.34.0-rc.1_k3s1', runtime: 'Kubemark' },
  ],
] satisfies [string, KubemarkMachineSpec, Partial<NodeOptions>, object][]) {
  test(title, (t) => {
    t.like(clusterNode(spec, { ...options, ...more }), expected);
  });
}

const taint = { key: 'a', effect: 'NoSchedule' };

const wrong: [object, RegExp][] = [
  [{ runtime: 'Kubemark' }, /^spec\.image: nothing found .* no image of its own for this runtime/],
  [
    { kubemarkOptions: { extendedResources: { 'a b': 1 } } },
    /^spec\.kubemarkOptions\.extendedResources: "a b" is not the name of a resource/,
  ],
  [
    { kubemarkOptions: { extendedResources: { 'example.com/gpu': '500m' } } },
    /^spec\.kubemarkOptions\.extendedResources: "500m" of "example.com\/gpu" is not a whole number/,
  ],
  [
    { kubemarkOptions: { registerWithTaints: [taint, taint] } },
    /^spec\.kubemarkOptions\.registerWithTaints\[1\]: "a:NoSchedule" is there already/,
  ],
  [{ faults: [{ type: 'Sleepy' }] }, /^spec\.faults\[0\]\.type: "Sleepy" is not a type of fault/],
  [{ faults: [{ type: 'LateJoin' }] }, /^spec\.faults\[0\]\.duration: nothing found/],
  [{ faultInjector: 'Proxy' }, /^spec\.faultInjector: "Proxy" with runtime HollowNode/],
  [
    { image: 'a', faultInjector: 'KubemarkFlags', faults: [{ type: 'Crash' }] },
    /^spec\.faults: no kubemark knows them/,
  ],
  [
    { image: 'a', faults: [{ type: 'Crash' }] },
    /^spec\.faultInjector: "Proxy" \(the manager has no --fault-proxy-image\)/,
  ],
  [
    { startupDelay: { duration: '1s', jitterPercent: -1 } },
    /^spec\.startupDelay\.jitterPercent: -1 is not a share in percent \(want 0 to 1000\)/,
  ],
  [{ failureDomain: 'a zone' }, /^spec\.failureDomain: "a zone" is not the name of a zone/],
  [
    { extraMounts: [{ name: 'a', containerPath: '/a' }] },
    /^spec\.extraMounts\[0\]\.hostPath: nothing is not a path/,
  ],
  [
    { extraMounts: [{ name: 'a', containerPath: '/a', hostPath: '/a', type: 'Pipe' }] },
    /^spec\.extraMounts\[0\]\.type: "Pipe" is not a type of hostPath/,
  ],
  [{ providerID: '' }, /^spec\.providerID: "" is not a provider ID/],
  [{ startupDelay: { duration: '-1s' } }, /^spec\.startupDelay\.duration: "-1s" is not a duration/],
];

for (const [spec, message] of wrong) {
  test(`${JSON.stringify(spec)} is told by its field`, (t) => {
    t.throws(() => clusterNode(Object.assign({}, spec), options), {
      name: 'ConfigurationError',
      message,
    });
  });
}

test('a zone that no label can hold is told', (t) => {
  t.throws(() => clusterNode({}, { ...options, zone: 'zone/a' }), {
    name: 'ConfigurationError',
    message: /^failureDomain of the Machine: "zone\/a" is not the name of a zone/,
  });
});

test('the command line is that of the existing provider, and more arguments come last', (t) => {
  const spec: KubemarkMachineSpec = {
    kubemarkOptions: {
      extendedResources: { cpu: 4 },
      nodeLabels: { a: 'b' },
      registerWithTaints: [{ key: 'c', value: 'd', effect: 'NoSchedule' }],
    },
    podTemplate: { extraArgs: ['--use-host-image-service=false'] },
  };
  const node = clusterNode(spec, { ...options, zone: 'z' });
  const pod = clusterPod(node, { name: 'worker' }, 'secret');
  t.deepEqual(pod.spec?.containers[0]?.args, [
    '--v=3',
    '--morph=kubelet',
    '--name=worker',
    '--kubeconfig=/kubeconfig/kubeconfig',
    '--extended-resources=cpu=4,memory=4G',
    '--register-with-taints=c=d:NoSchedule',
    '--node-labels=a=b,topology.kubernetes.io/zone=z',
    '--use-host-image-service=false',
  ]);
});

const podOf = (spec: KubemarkMachineSpec) =>
  clusterPod(clusterNode(spec, options), { name: 'worker' }, 'secret').spec;

test('only a real kubemark is privileged, and no Pod has rights in the cluster that runs it', (t) => {
  t.like(podOf({})?.containers[0]?.securityContext, { allowPrivilegeEscalation: false });
  t.like(podOf({ image: 'a' })?.containers[0]?.securityContext, { privileged: true });
  for (const spec of [{}, { image: 'a' }]) t.false(podOf(spec)?.automountServiceAccountToken);
});

test('the Pod is placed as its template says, and mounts what the machine asks for', (t) => {
  const spec: KubemarkMachineSpec = {
    extraMounts: [{ name: 'sock', containerPath: '/run/c', hostPath: '/run/h', type: 'Socket' }],
    podTemplate: {
      nodeSelector: { pool: 'hollow' },
      tolerations: [{ key: 'a', operator: 'Exists' }],
      priorityClassName: 'low',
      resources: { requests: { cpu: '1m' } },
    },
  };
  const pod = podOf(spec);
  t.like(pod, { nodeSelector: { pool: 'hollow' }, priorityClassName: 'low' });
  t.deepEqual(pod?.tolerations?.at(-1), { key: 'a', operator: 'Exists' });
  t.deepEqual(pod?.containers[0]?.resources, { requests: { cpu: '1m' } });
  t.deepEqual(pod?.volumes, [
    { name: 'kubeconfig', secret: { secretName: 'secret' } },
    { name: 'sock', hostPath: { path: '/run/h', type: 'Socket' } },
  ]);
});

test('a node is called as its machine, shortened only where a label could not hold it', (t) => {
  t.is(clusterNodeName('worker-1'), 'worker-1');
  const long = `${'a'.repeat(60)}-one`;
  t.is(clusterNodeName(long).length, 63);
  t.not(clusterNodeName(long), clusterNodeName(`${'a'.repeat(60)}-two`));
});

test('a hollow node makes faults itself; before a kubemark there is a proxy, which has the credentials', (t) => {
  const faults: KubemarkMachineSpec['faults'] = [{ type: 'NotReady', after: '5s' }];
  const argument = '--checked-faults=[{"type":"NotReady","after":"5s"}]';
  t.true(podOf({ faults })?.containers[0]?.args?.includes(argument));

  const node = clusterNode({ image: 'a', faults }, { ...options, faultProxyImage: 'proxy' });
  const { metadata, spec } = clusterPod(node, { name: 'worker' }, 'secret');
  const [kubelet, proxy] = spec?.containers ?? [];
  t.is(proxy?.image, 'proxy');
  t.true(proxy?.args?.includes(argument));
  t.false(kubelet?.args?.includes(argument));
  const mountsOf = (container: typeof kubelet) => container?.volumeMounts?.map(({ name }) => name);
  t.deepEqual(mountsOf(kubelet), ['fault-proxy']);
  t.deepEqual(mountsOf(proxy), ['kubeconfig']);
  t.deepEqual(metadata.annotations, {
    'container.apparmor.security.beta.kubernetes.io/fault-proxy': 'unconfined',
  });
});

test('a kubemark of which nobody wants faults has no proxy', (t) => {
  const withImage = { ...options, faultProxyImage: 'proxy' };
  t.is(clusterNode({ image: 'a' }, withImage).faultProxyImage, undefined);
  const node = clusterNode({ image: 'a', faultInjector: 'Proxy' }, withImage);
  t.is(node.faultProxyImage, 'proxy');
  const proxy = clusterPod(node, { name: 'worker' }, 'secret').spec?.containers[1];
  t.false(proxy?.args?.some((argument) => argument.startsWith('--faults')));
});

test('a kubemark behind a proxy needs no containerd, where it can be told so, but may have one', (t) => {
  const flag = '--use-host-image-service=false';
  const isTold = (spec: KubemarkMachineSpec): boolean => {
    const node = clusterNode(spec, { ...options, faultProxyImage: 'proxy' });
    const [kubelet] = clusterPod(node, { name: 'worker' }, 'secret').spec?.containers ?? [];
    return kubelet?.args?.includes(flag) === true;
  };
  t.true(isTold({ image: 'kubemark:v1.34.0', faultInjector: 'Proxy' }));
  t.false(isTold({ image: 'kubemark:v1.20.2', faultInjector: 'Proxy' }));
  t.false(isTold({ image: 'kubemark:v1.34.0' })); // as of the existing provider
  const socket = '/run/containerd/containerd.sock';
  const extraMounts = [{ name: 'containerd-sock', hostPath: socket, containerPath: socket }];
  t.false(isTold({ image: 'kubemark:v1.34.0', faultInjector: 'Proxy', extraMounts }));
});
