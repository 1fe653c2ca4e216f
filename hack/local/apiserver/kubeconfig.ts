import { stringify } from 'yaml';

/** A kubeconfig for a server of this kind, as YAML; its one context is `local`. */
export function kubeconfigFor(server: string): string {
  const name = 'local';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    // The official JavaScript client takes plain http only from those who accept any certificate.
    clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name, user: {} }],
  });
}
