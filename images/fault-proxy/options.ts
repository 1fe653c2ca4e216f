import { parseAddress } from '#runtime/address.ts';
import { dnsSubdomain } from '#api/names.ts';
import { faultFlags } from '#hollow-node/fault-flags.ts';
import {
  booleanFlag,
  integerFlag,
  matching,
  stringFlag,
  type FlagValues,
  type Program,
} from '#runtime/flags.ts';

const isName = matching(dnsSubdomain, 'the name of a node, e.g. "hollow-1"');

const flags = {
  ...faultFlags,
  kubeconfig: stringFlag({
    default: '/kubeconfig/kubeconfig',
    help: "Path to the nodes' own kubeconfig `file`, used where there is no in-cluster configuration",
  }),
  'kubelet-program': stringFlag({
    default: '',
    help: 'Kill what runs as this `file` when the node crashes: the container beside this one, in one process namespace, which its kubelet starts again',
  }),
  'kubelet-kubeconfig': stringFlag({
    default: '',
    help: 'Write a kubeconfig that leads the kubelet here into this `file`',
  }),
  listen: stringFlag({
    default: '127.0.0.1:6444',
    help: 'The `address` for kubelets. Whoever reaches it has the rights of the kubeconfig',
    check: parseAddress,
  }),
  'node-name': stringFlag({
    default: '',
    help: 'The `node` whose kubelet asks here; empty: many, each at http://ADDRESS/node/NAME',
    check: (text) => text === '' || isName(text),
  }),
  'tls-cert-file': stringFlag({
    default: '',
    help: 'Speak TLS, and so HTTP/2, with this certificate `file`',
  }),
  'tls-private-key-file': stringFlag({ default: '', help: "The certificate's key `file`" }),
  'write-only': booleanFlag({
    default: false,
    help: 'Write --kubelet-kubeconfig and end: for a container that runs before the kubelet',
  }),
  v: integerFlag({ default: 0, min: 0, short: 'v', help: 'Log `level`; 4 shows every step' }),
};

export type FaultProxyFlags = FlagValues<typeof flags>;

export const faultProxy: Program<typeof flags> = {
  name: 'fault-proxy',
  description:
    'Makes the Node of an unmodified kubelet fail, from between it and its API server.\n' +
    'After --, the command of the kubelet: it is started, killed and started again as faults say.',
  flags,
};
