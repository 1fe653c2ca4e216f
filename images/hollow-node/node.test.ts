import test from 'ava';
import { matchesGolden } from '#test/helpers/golden.ts';
import { kubemarkFlags } from '#test/helpers/hollow-node.ts';
import type { ConditionValue } from '#api/faults/conditions.ts';
import { conditionsOf } from './testing/conditions-of.ts';
import { newNode, nodeFacts, withTimes } from './node.ts';
import { hollowNodeOptions } from './options.ts';

const now = '2030-01-01T00:00:00Z';

const commandLines: Record<string, string[]> = {
  'node-default': ['--name=hollow-1'],
  'node-actuator': [
    '--name=hollow-1',
    '--num-cores=2',
    '--memory-capacity=10737418240',
    '--no-schedule=true',
    '--turn-unhealthy-after=true',
    '--healthy-duration=0s',
  ],
  'node-capk': [
    '--name=hollow-1',
    '--kubelet-port=10350',
    '--max-pods=250',
    '--node-labels=zone=a,kubernetes.io/arch=arm64',
    '--extended-resources=cpu=96,memory=48000Mi,nvidia.com/gpu=8',
    '--register-with-taints=dedicated=test:NoExecute',
  ],
};

for (const [file, args] of Object.entries(commandLines)) {
  test(`registers the Node of testdata/${file}.yaml`, async (t) => {
    const options = hollowNodeOptions(kubemarkFlags(...args));
    const conditions = withTimes(conditionsOf(options.faults), [], now);
    const node = newNode(options, nodeFacts(options, '192.0.2.7'), conditions);
    await matchesGolden(t, new URL(`testdata/${file}.yaml`, import.meta.url), node);
  });
}

const later = '2030-01-01T00:01:00Z';
const value: ConditionValue = {
  type: 'Ready',
  status: 'True',
  reason: 'KubeletReady',
  message: '',
};
const stored = { ...value, lastHeartbeatTime: now, lastTransitionTime: now };

test('a transition is when the status changes, and at no other time', (t) => {
  const [same] = withTimes([{ ...value, reason: 'Other' }], [stored], later);
  t.like(same, { lastHeartbeatTime: later, lastTransitionTime: now });
  const [changed] = withTimes([{ ...value, status: 'False' }], [stored], later);
  t.like(changed, { lastHeartbeatTime: later, lastTransitionTime: later });
  const [added] = withTimes([value], [], later);
  t.like(added, { lastHeartbeatTime: later, lastTransitionTime: later });
});
