import { secrets } from '#api/core.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { ApiError, ifFound } from '#runtime/client/errors.ts';
import { inlineKubeConfig, type InlineCluster } from '#runtime/client/inline-kube-config.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { KubeConfigError } from '#runtime/client/kube-config.ts';
import { formatKey } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { messageOf } from '#runtime/error-text.ts';
import { Waiting } from './waiting.ts';

export interface RemoteClustersOptions {
  /** Of the cluster that has the Secrets. */
  client: Client;
  clock: Clock;
}

export interface RemoteCluster {
  readonly config: InlineCluster;
  readonly client: Client;
  /** What else the Secret says. */
  readonly data: Readonly<Record<string, string>>;
}

/** Not that of the manager: others' audit logs are to tell what is done with their kubeconfig. */
export const remoteUserAgent = 'kubemarkmachine-controller';

/** Where a kubeconfig stands. */
export interface SecretKey extends ObjectKey {
  /** The name of the kubeconfig in the Secret's data. */
  entry: string;
}

/** Milliseconds for which a Secret is not read again. */
const secretLifetime = 10_000;
/** Milliseconds that a server may take, and that one which did not answer is left alone. */
const patience = 3_000;
const truce = 5_000;
/** Milliseconds after which those look again who did not want to wait for an answer. */
const trialPause = 500;

/** What is known of a server. */
interface Trust {
  /** It has answered the last request. */
  isProven: boolean;
  isTried: boolean;
  /** Monotonic time. */
  silentUntil: number;
  message?: string;
}

interface Entry {
  readAt: number;
  version: string;
  cluster: RemoteCluster;
  close(): Promise<void>;
}

/**
 * Clients of clusters that Secrets tell of: one for each, as long as its Secret says the same.
 *
 * A cluster that does not answer costs one worker `patience` every `truce`, however many machines it
 * has; one that falls silent costs that of each worker, once.
 */
export class RemoteClusters {
  readonly #options: RemoteClustersOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #trust = new Map<string, Trust>();

  constructor(options: RemoteClustersOptions) {
    this.#options = options;
  }

  /**
   * The cluster of a Secret; undefined when there is no such Secret.
   *
   * @throws Waiting when the Secret has no kubeconfig
   */
  async find(key: SecretKey, signal: AbortSignal): Promise<RemoteCluster | undefined> {
    const id = formatKey(key);
    const { clock, client } = this.#options;
    const known = this.#entries.get(id);
    if (known !== undefined && clock.monotonic() - known.readAt < secretLifetime) {
      return known.cluster;
    }
    const secret = await ifFound(client.get(secrets, key, { signal }));
    if (secret === undefined) {
      this.#forget(id);
      return undefined;
    }
    const { uid, resourceVersion } = secret.metadata;
    const version = `${uid}/${resourceVersion}`;
    const current = this.#entries.get(id); // perhaps made by another worker meanwhile
    if (current?.version === version) {
      current.readAt = clock.monotonic();
      return current.cluster;
    }
    this.#forget(id);
    const entry = this.#open(key, version, decodedData(secret.data ?? {}));
    this.#entries.set(id, entry);
    return entry.cluster;
  }

  /**
   * Runs requests to a cluster.
   *
   * @throws Waiting when it does not answer; at once while it has just not answered, or is being tried
   */
  async ask<Answer>(
    cluster: RemoteCluster,
    requests: (timeout: number) => Promise<Answer>,
  ): Promise<Answer> {
    const { clock } = this.#options;
    const { server } = cluster.config;
    const trust = this.#trust.get(server) ?? { isProven: false, isTried: false, silentUntil: 0 };
    this.#trust.set(server, trust);
    if (!trust.isProven) {
      if (clock.monotonic() < trust.silentUntil) throw unreachable(server, trust.message);
      // The other workers are not to wait beside the one that tries.
      if (trust.isTried) throw pending(server, trust.message);
    }
    trust.isTried = true;
    try {
      const answer = await requests(patience);
      trust.isProven = true;
      return answer;
    } catch (error) {
      trust.isProven = error instanceof ApiError;
      if (trust.isProven) throw error;
      trust.silentUntil = clock.monotonic() + truce;
      trust.message = messageOf(error);
      throw unreachable(server, trust.message);
    } finally {
      trust.isTried = false;
    }
  }

  #open(key: SecretKey, version: string, data: Record<string, string>): Entry {
    const { clock } = this.#options;
    const config = kubeConfigIn(data, key);
    const client = new KubeClient({ config, clock, userAgent: remoteUserAgent });
    const cluster = { config, client, data };
    return { readAt: clock.monotonic(), version, cluster, close: () => client.close() };
  }

  #forget(id: string): void {
    // Not awaited: what is under way on the old connection fails, and is tried again on the new one.
    void this.#entries.get(id)?.close();
    this.#entries.delete(id);
  }
}

function kubeConfigIn(data: Record<string, string>, key: SecretKey): InlineCluster {
  const where = `Secret ${key.namespace}/${key.name}, entry ${key.entry}`;
  try {
    return inlineKubeConfig(data[key.entry] ?? '');
  } catch (error) {
    if (!(error instanceof KubeConfigError)) throw error;
    throw new Waiting('InvalidKubeconfig', `${where}: ${error.message}`, secretLifetime);
  }
}

function pending(server: string, message: string | undefined): Waiting {
  if (message !== undefined) return unreachable(server, message); // as long as it is not better
  return new Waiting('WaitingForConnection', `asking ${server}`, trialPause);
}

function unreachable(server: string, message = 'no answer'): Waiting {
  return new Waiting('ClusterUnreachable', `${server} does not answer: ${message}`, truce);
}

function decodedData(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]),
  );
}
