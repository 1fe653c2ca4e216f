import type { KubeConfig } from '@kubernetes/client-node';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Dispatcher } from 'undici';
import { messageOf } from '../error-text.ts';
import type { ClusterConfig, Credentials } from './cluster-config.ts';
import { inClusterConfig } from './in-cluster-config.ts';
import { importKubeConfig } from './kube-config-library.ts';

export { inClusterConfig };

/** A kubeconfig that cannot be used. The message is one line for the person who wrote it. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

export interface KubeConfigOptions {
  /** The file to read. Empty: in-cluster configuration, else `$KUBECONFIG`, else `~/.kube/config`. */
  path?: string;
  /** Empty: the file's current context. */
  context?: string;
  env?: NodeJS.ProcessEnv;
}

/** @throws KubeConfigError */
export async function loadKubeConfig({
  path = '',
  context = '',
  env = process.env,
}: KubeConfigOptions = {}): Promise<ClusterConfig> {
  const inCluster = path === '' && context === '' ? await inClusterConfig({ env }) : undefined;
  if (inCluster !== undefined) return inCluster;
  const files = filesToLoad(path, env);
  if (files.length === 0) {
    throw new KubeConfigError(
      'No cluster to talk to: --kubeconfig and $KUBECONFIG are not set, this is not a Pod, and there is no ~/.kube/config',
    );
  }
  try {
    const config = await mergedConfig(files);
    if (context !== '') config.setCurrentContext(context);
    return clusterConfigOf(config, await tokenFileOf(config.getCurrentUser()?.name, files));
  } catch (error) {
    throw new KubeConfigError(`kubeconfig ${files.join(delimiter)}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function filesToLoad(path: string, env: NodeJS.ProcessEnv): string[] {
  if (path !== '') return [path];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) return listed;
  return [join(env['HOME'] ?? homedir(), '.kube', 'config')].filter((file) => existsSync(file));
}

/** As kubectl does: the first file that names a current context decides it. */
async function mergedConfig(files: readonly string[]): Promise<KubeConfig> {
  // Only here: importing it takes time and memory that programs with a plain server URL do not pay.
  const { KubeConfig } = await importKubeConfig();
  const merged = new KubeConfig();
  for (const file of files) {
    const config = new KubeConfig();
    config.loadFromFile(file);
    merged.mergeConfig(config, Boolean(merged.getCurrentContext()));
  }
  return merged;
}

/** The package drops the field, which wins over a token in the same file. */
async function tokenFileOf(
  userName: string | undefined,
  files: readonly string[],
): Promise<string | undefined> {
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    if (!text.includes('tokenFile')) continue; // few have one; the others need no second parser
    const { parse } = await import('yaml');
    const { users = [] }: WithTokenFiles = parse(text); // the package has found it to be a kubeconfig
    const path = users.find(({ name }) => name === userName)?.user?.tokenFile;
    if (path) return resolve(dirname(file), path);
  }
  return undefined;
}

interface WithTokenFiles {
  users?: readonly { name?: string; user?: { tokenFile?: string } }[];
}

function clusterConfigOf(config: KubeConfig, tokenFile: string | undefined): ClusterConfig {
  const name = config.getCurrentContext();
  const context = config.getContextObject(name);
  if (!name) throw new Error('no current-context is set');
  if (context === null) throw new Error(`there is no context "${name}"`);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`there is no cluster "${context.cluster}"`);
  if (!URL.canParse(cluster.server)) throw new Error(`"${cluster.server}" is not a server's URL`);
  // The package refuses http: servers unless told that nobody is verified, which holds anyway.
  const isPlain = cluster.server.startsWith('http:');
  if (isPlain) Object.assign(cluster, { skipTLSVerify: true });
  return {
    server: cluster.server,
    namespace: context.namespace ?? 'default',
    credentials: () => credentialsOf(config, tokenFile),
    ...(cluster.proxyUrl && { createDispatcher: () => proxyDispatcherOf(config) }),
  };
}

async function credentialsOf(
  config: KubeConfig,
  tokenFile: string | undefined,
): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const tls = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
  const headers = Object.entries(options.headers ?? {});
  if (options.auth) headers.push(['Authorization', basicAuthorization(options.auth)]);
  if (tokenFile !== undefined) {
    const token = (await readFile(tokenFile, 'utf8')).trim();
    headers.push(['Authorization', `Bearer ${token}`]); // in place of the others
  }
  return {
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
  };
}

function basicAuthorization(userAndPassword: string): string {
  return `Basic ${Buffer.from(userAndPassword).toString('base64')}`;
}

/** The package knows how to reach a server through HTTP and SOCKS proxies, and only tells it here. */
async function proxyDispatcherOf(config: KubeConfig): Promise<Dispatcher | undefined> {
  const { HttpMethod, RequestContext } =
    await import('@kubernetes/client-node/dist/gen/http/http.js');
  const context = new RequestContext(config.getCurrentCluster()?.server ?? '', HttpMethod.GET);
  await config.applySecurityAuthentication(context);
  return context.getDispatcher();
}

function reasonOf(error: unknown): string {
  // What the package runs into when the YAML is something else altogether.
  if (error instanceof TypeError) return 'this is not a kubeconfig';
  const text = messageOf(error);
  if (text.includes('ENOENT')) return 'no such file';
  return text.split('\n', 1)[0] ?? text;
}
