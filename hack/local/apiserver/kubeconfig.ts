import { stringify } from 'yaml';

const name = 'kubemark-local';

/** A kubeconfig for a server of this kind, as YAML; its one context is `kubemark-local`. */
export function kubeconfigFor(server: string): string {
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

/** Whether the text is what `kubeconfigFor` wrote: nobody else's clusters are in it. */
export function isKubeconfig(text: string): boolean {
  const server = /^ *server: (?<url>http:\S+)$/m.exec(text)?.groups?.['url'];
  return server !== undefined && text === kubeconfigFor(server);
}
