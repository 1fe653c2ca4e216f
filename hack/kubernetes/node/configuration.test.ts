import { join } from 'node:path';
import test from 'ava';
import { nodeFiles, pauseImage } from './configuration.ts';
import { nodeNetwork } from './network.ts';

const folder = '/state/cp-1';
const files = nodeFiles({
  folder,
  binaries: '/bin of/kubernetes',
  network: nodeNetwork(3),
  cgroup: 'kubemark-cp-1',
});

test('the shell reads values as they are', (t) => {
  t.regex(files['node.env'] ?? '', /^binaries='\/bin of\/kubernetes'$/m);
  t.regex(files['node.env'] ?? '', /^device='kubemark3'$/m);
});

test('containerd works in the folder of the control plane and knows the pause image', (t) => {
  const text = files['containerd.toml'] ?? '';
  t.true(text.includes(`root = "${join(folder, 'containerd')}"`));
  t.true(text.includes(`address = "${join(folder, 'containerd.sock')}"`));
  t.true(text.includes(`sandbox_image = "${pauseImage}"`));
});

test('kubelet and network plugin are told the same addresses as the machine', (t) => {
  t.like(JSON.parse(files['kubelet.json'] ?? ''), {
    address: '10.111.3.2',
    cgroupRoot: '/kubemark-cp-1',
  });
  t.like(JSON.parse(files['cni/bridge.conflist'] ?? ''), {
    plugins: [{ ipam: { ranges: [[{ subnet: '10.111.3.128/25' }]] } }],
  });
});
