import { parse } from 'yaml';
import { isObject, type JsonObject } from '#api/json.ts';
import { messageOf } from '../error-text.ts';
import type { ClusterConfig, TlsOptions } from './cluster-config.ts';
import { KubeConfigError } from './kube-config.ts';

/** A cluster that a text tells of, with what others need to be told of it. */
export interface InlineCluster extends ClusterConfig {
  /** PEM of who signed the server's certificate; absent: whom everybody trusts. */
  readonly authority?: string;
}

/** They name files and programs of whoever reads them: those of the manager are not for tenants. */
const refused = [
  'exec',
  'auth-provider',
  'tokenFile',
  'client-certificate',
  'client-key',
  'certificate-authority',
  'proxy-url',
];

/**
 * Reads a kubeconfig that somebody else wrote, from a Secret: only what stands in the text itself.
 *
 * @throws KubeConfigError
 */
export function inlineKubeConfig(text: string): InlineCluster {
  const root = parsed(text);
  const context = entry(root, 'contexts', 'context', root['current-context']);
  const cluster = entry(root, 'clusters', 'cluster', context['cluster']);
  const user = entry(root, 'users', 'user', context['user']);
  const found = refused.find((name) => name in cluster || name in user);
  if (found !== undefined) {
    throw new KubeConfigError(
      `"${found}" is not allowed: want data in place of files and programs`,
    );
  }
  const server = textIn(cluster, 'server') ?? '';
  if (!URL.canParse(server)) throw new KubeConfigError(`"${server}" is not a server's URL`);
  const authority = decoded(cluster, 'certificate-authority-data');
  const credentials = { headers: headersOf(user), tls: tlsOf(cluster, user, authority) };
  return {
    server,
    namespace: textIn(context, 'namespace') ?? 'default',
    credentials: () => Promise.resolve(credentials),
    ...(authority !== undefined && { authority }),
  };
}

function parsed(text: string): JsonObject {
  try {
    const root: unknown = parse(text);
    if (isObject(root)) return root;
  } catch (error) {
    const [line = ''] = messageOf(error).split('\n', 1);
    throw new KubeConfigError(`this is not a kubeconfig: ${line}`);
  }
  throw new KubeConfigError('this is not a kubeconfig');
}

/** What a list of named things has under a name. */
function entry(root: JsonObject, list: string, what: string, name: unknown): JsonObject {
  const items: unknown = root[list];
  const found = Array.isArray(items)
    ? items.find((item: unknown) => isObject(item) && item['name'] === name)
    : undefined;
  const value: unknown = isObject(found) ? found[what] : undefined;
  if (isObject(value)) return value;
  throw new KubeConfigError(`there is no ${what} ${JSON.stringify(name) ?? 'named'}`);
}

function headersOf(user: JsonObject): Record<string, string> {
  const token = textIn(user, 'token');
  if (token !== undefined) return { Authorization: `Bearer ${token}` };
  const name = textIn(user, 'username');
  if (name === undefined) return {};
  const pair = Buffer.from(`${name}:${textIn(user, 'password') ?? ''}`).toString('base64');
  return { Authorization: `Basic ${pair}` };
}

function tlsOf(cluster: JsonObject, user: JsonObject, ca: string | undefined): TlsOptions {
  const cert = decoded(user, 'client-certificate-data');
  const key = decoded(user, 'client-key-data');
  const servername = textIn(cluster, 'tls-server-name');
  const isInsecure = cluster['insecure-skip-tls-verify'] === true;
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(servername !== undefined && { servername }),
    ...(isInsecure && { rejectUnauthorized: false }),
  };
}

function textIn(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function decoded(object: JsonObject, name: string): string | undefined {
  const value = textIn(object, name);
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
}
