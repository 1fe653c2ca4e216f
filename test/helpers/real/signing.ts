import { fileURLToPath } from 'node:url';
import type { MoreArguments } from '#kubernetes/components.ts';

const authority = (file: string): string =>
  fileURLToPath(new URL(`../../../controller/runtime/pki/testdata/${file}`, import.meta.url));

/**
 * Lets a control plane sign client certificates and believe them, and hold nodes to what is theirs.
 * Everybody can read the key: only for control planes of tests, which listen on loopback.
 */
export const signing: MoreArguments = {
  'kube-apiserver': [
    `--client-ca-file=${authority('ec.pem')}`,
    '--authorization-mode=Node', // besides RBAC
    '--enable-admission-plugins=NodeRestriction',
  ],
  'kube-controller-manager': [
    `--cluster-signing-cert-file=${authority('ec.pem')}`,
    `--cluster-signing-key-file=${authority('ec.key.pem')}`,
  ],
};
