import type { Dispatcher } from 'undici';

/** Where an API server is and how to get in. */
export interface ClusterConfig {
  /** Scheme, host, port and perhaps a path prefix. */
  readonly server: string;
  /** The namespace of the kubeconfig's context or of this Pod. */
  readonly namespace: string;
  /** The credentials as they are now: rotated files are read again, plugins asked again. */
  credentials(): Promise<Credentials>;
  /** Set when a connection needs more than TLS options: a proxy. */
  readonly createDispatcher?: () => Promise<Dispatcher | undefined>;
}

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

/** Options of `tls.connect`. */
export interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly pfx?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** A server that asks for nothing but perhaps some headers. */
export function plainConfig(server: string, headers: Record<string, string> = {}): ClusterConfig {
  const credentials = { headers, tls: {} };
  return { server, namespace: 'default', credentials: () => Promise.resolve(credentials) };
}
