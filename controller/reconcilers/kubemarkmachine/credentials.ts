/** The Secret that lets a hollow node into its workload cluster. */
import { X509Certificate } from 'node:crypto';
import { stringify } from 'yaml';
import { secrets, type Secret } from '#api/core.ts';
import { certificateFile } from '#controller/hollow-pod/cluster-pod.ts';
import { ifFound } from '#runtime/client/errors.ts';
import type { InlineCluster } from '#runtime/client/inline-kube-config.ts';
import { newPrivateKey } from '#runtime/pki/client-certificate.ts';
import type { Context } from '#runtime/reconcile.ts';
import { findWorkloadCluster, requestCertificate, signWithClusterCA } from './certificate.ts';
import type { HollowCluster } from './hollow-cluster.ts';
import { adoption, isInherited, isOurs, ownMetadata, secretName } from './own-objects.ts';
import type { Deps, Scope } from './scope.ts';
import { Waiting } from './waiting.ts';

const entries = {
  kubeconfig: 'kubeconfig',
  /** Certificate and private key, one after the other. */
  certificate: 'cert.pem',
  /** Of a certificate that has been asked for and is not there yet. */
  pendingKey: 'key.pem',
} as const;

/** The share of its life after which a certificate is replaced. */
const renewalShare = 2 / 3;
/** Milliseconds after which what cannot be renewed is tried again. */
const renewalRetry = 60_000;

/**
 * Until the Secret has a certificate that is good for a while. The key is stored before a certificate
 * is asked for, so that a crash never leaves a certificate nobody has the key of.
 *
 * @returns when to look again, in milliseconds since the epoch
 */
export async function reconcileCredentials(
  deps: Deps,
  context: Context,
  scope: Scope,
  hollow: HollowCluster,
): Promise<number> {
  const now = deps.clock.now();
  const key = { namespace: hollow.namespace, name: secretName(scope) };
  const { signal } = context;
  const stored = await hollow.ask((client, timeout) =>
    ifFound(client.get(secrets, key, { signal, timeout })),
  );
  if (stored !== undefined && isInherited(stored)) {
    const patch = adoption(scope);
    await hollow.ask((client, timeout) => client.patch(secrets, key, patch, { signal, timeout }));
  } else if (stored !== undefined && !isOurs(stored, scope)) {
    const where = `${key.namespace}/${key.name}`;
    throw new Waiting('NameTaken', `there is another Secret ${where}`, renewalRetry);
  }
  const certificate = read(stored, entries.certificate);
  const renewal = certificate === undefined ? 0 : renewalTime(certificate);
  if (now < renewal) return renewal;
  try {
    return renewalTime(await renew(deps, context, scope, hollow, stored));
  } catch (error) {
    const isStillGood = certificate !== undefined && now < expiry(certificate);
    // A node that works is not torn down because its cluster does not answer.
    if (isStillGood && error instanceof Waiting) return now + (error.retryAfter ?? renewalRetry);
    throw error;
  }
}

async function renew(
  deps: Deps,
  context: Context,
  scope: Scope,
  hollow: HollowCluster,
  stored: Secret | undefined,
): Promise<string> {
  const workload = await findWorkloadCluster(deps, context, scope);
  const { signal } = context;
  const pending = read(stored, entries.pendingKey);
  const privateKey = pending ?? newPrivateKey();
  const key = { namespace: hollow.namespace, name: secretName(scope) };
  const write = (data: Record<string, string | null>): Promise<Secret> =>
    hollow.ask((client, timeout) =>
      client.patch(secrets, key, { data: encoded(data) }, { signal, timeout }),
    );
  if (stored === undefined) {
    const secret = newSecret(scope, hollow, { [entries.pendingKey]: privateKey });
    await hollow.ask((client, timeout) => client.create(secrets, secret, { signal, timeout }));
  } else if (pending === undefined) {
    await write({ [entries.pendingKey]: privateKey });
  }
  const certificate =
    scope.machine.spec?.credentials === 'ClusterCA'
      ? await signWithClusterCA(deps, context, scope, privateKey)
      : await requestCertificate(deps, context, scope, workload, privateKey);
  await write({
    [entries.certificate]: certificate + privateKey,
    [entries.kubeconfig]: kubeconfig(workload.config, scope.machine.spec?.apiServer),
    [entries.pendingKey]: null,
  });
  return certificate;
}

function newSecret(scope: Scope, hollow: HollowCluster, data: Record<string, string>): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownMetadata(scope, hollow, secretName(scope)),
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(data).map(([name, text]) => [name, base64(text)])),
  };
}

/** What the hollow node reads. It names the certificate's file, so that a renewal needs no restart. */
function kubeconfig({ server, authority }: InlineCluster, override: string | undefined): string {
  const name = 'default';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [
      {
        name,
        cluster: {
          server: override ?? server,
          ...(authority && { 'certificate-authority-data': base64(authority) }),
        },
      },
    ],
    users: [
      { name, user: { 'client-certificate': certificateFile, 'client-key': certificateFile } },
    ],
  });
}

function renewalTime(certificate: string): number {
  const { validFrom } = new X509Certificate(certificate);
  const from = Date.parse(validFrom);
  return from + (expiry(certificate) - from) * renewalShare;
}

function expiry(certificate: string): number {
  return Date.parse(new X509Certificate(certificate).validTo);
}

function read(secret: Secret | undefined, entry: string): string | undefined {
  const value = secret?.data?.[entry];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
}

function encoded(data: Record<string, string | null>): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(data).map(([name, text]) => [name, text === null ? null : base64(text)]),
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
