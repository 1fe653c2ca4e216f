import { randomBytes } from 'node:crypto';
import { parse, stringify } from 'yaml';
import { newAuthority, newPrivateKey, type Authority } from '#runtime/pki/client-certificate.ts';

/** Who may do anything here, as the API server knows them. */
export const users = {
  admin: 'admin',
  controllerManager: 'system:kube-controller-manager',
  scheduler: 'system:kube-scheduler',
} as const;

export type Tokens = Readonly<Record<keyof typeof users, string>>;

export function newTokens(): Tokens {
  return { admin: newToken(), controllerManager: newToken(), scheduler: newToken() };
}

function newToken(): string {
  return randomBytes(16).toString('hex');
}

/**
 * The API server's file of static tokens. All are administrators: with the rights of its own role the
 * controller manager of 1.20 could not take taints from Nodes.
 */
export function tokenFile(tokens: Tokens): string {
  const lines = Object.entries(users).map(([key, user]) => {
    const token = Object.entries(tokens).find(([name]) => name === key)?.[1];
    return `${token},${user},${user},system:masters\n`;
  });
  return lines.join('');
}

/** A private key in PEM. */
export function newSigningKey(): string {
  return newPrivateKey();
}

/** For ten years. */
export function newClientAuthority(now: number): Authority {
  const name = { commonName: 'kubernetes', organization: 'cluster-api-provider-kubemark' };
  return newAuthority(name, { from: now, to: now + 10 * 365 * 86_400_000 });
}

export interface Access {
  url: string;
  token: string;
  /** PEM of who signed the server's certificate. */
  authority: string;
}

/** A kubeconfig as YAML. */
export function kubeconfig({ url, token, authority }: Access): string {
  const name = 'control-plane';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': base64(authority) } }],
    users: [{ name, user: { token } }],
  });
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { token: string } }];
}

/** What a text of `kubeconfig` was made of. */
export function accessIn(text: string): Access {
  const config: Kubeconfig = parse(text);
  const { server, 'certificate-authority-data': data } = config.clusters[0].cluster;
  const authority = Buffer.from(data, 'base64').toString();
  return { url: server, token: config.users[0].user.token, authority };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
