/** Client certificates of nodes: asked of the workload cluster, or signed with its CA's key. */
import { createHash } from 'node:crypto';
import { certificateSigningRequests, secrets, type CertificateSigningRequest } from '#api/core.ts';
import { ifFound, isAlreadyExists, isConflict } from '#runtime/client/errors.ts';
import { messageOf } from '#runtime/error-text.ts';
import {
  certificateRequest,
  publicKeyOf,
  signCertificate,
  type Subject,
} from '#runtime/pki/client-certificate.ts';
import type { Context } from '#runtime/reconcile.ts';
import type { RemoteCluster } from './remote-clusters.ts';
import type { Deps, Scope } from './scope.ts';
import { Waiting } from './waiting.ts';

/** Milliseconds until a cluster is asked again whether it has signed, and whether a Secret is there. */
const signingPause = 500;
const secretPause = 5_000;
/** Of a refusal, which only people can take back. */
const refusalPause = 60_000;

/** Milliseconds that a certificate signed here is good for. */
const lifetime = 365 * 86_400_000;

/** The workload cluster, as core's Secret tells of it. */
export async function findWorkloadCluster(
  { remoteClusters }: Deps,
  { signal }: Context,
  { cluster }: Scope,
): Promise<RemoteCluster> {
  const { name = '', namespace = '' } = cluster?.metadata ?? {};
  const key = { namespace, name: `${name}-kubeconfig`, entry: 'value' };
  const found = await remoteClusters.find(key, signal);
  if (found !== undefined) return found;
  const message = `there is no Secret ${namespace}/${key.name} yet`;
  throw new Waiting('WaitingForControlPlaneInitialized', message, secretPause);
}

/** What the API server's authorizer knows a node by. */
function subjectOf({ nodeName }: Scope): Subject {
  return { commonName: `system:node:${nodeName}`, organization: 'system:nodes' };
}

/**
 * Asks for a certificate, approves that, and waits for it. The request is named after the key, so that
 * asking twice is harmless; the cluster clears old ones away.
 *
 * @throws Waiting until it is there
 */
export async function requestCertificate(
  { remoteClusters }: Deps,
  context: Context,
  scope: Scope,
  workload: RemoteCluster,
  privateKey: string,
): Promise<string> {
  const { client } = workload;
  const { signal } = context;
  const hash = createHash('sha256').update(publicKeyOf(privateKey)).digest('hex').slice(0, 10);
  const name = `${scope.nodeName}-${hash}`;
  const request = await remoteClusters.ask(workload, async (timeout) => {
    const limits = { signal, timeout };
    const stored =
      (await ifFound(client.get(certificateSigningRequests, { namespace: '', name }, limits))) ??
      (await client
        .create(certificateSigningRequests, newRequest(name, subjectOf(scope), privateKey), limits)
        .catch((error: unknown) => {
          if (!isAlreadyExists(error)) throw error;
          return client.get(certificateSigningRequests, { namespace: '', name }, limits);
        }));
    if (conditionsOf(stored).length > 0) return stored;
    return client
      .update(certificateSigningRequests, approved(stored), { ...limits, subresource: 'approval' })
      .catch((error: unknown) => {
        // The cluster's own approver was faster: it takes the requests of administrators.
        if (!isConflict(error)) throw error;
        return stored;
      });
  });
  const refusal = conditionsOf(request).find(({ type }) => type === 'Denied' || type === 'Failed');
  if (refusal !== undefined) {
    const why = refusal.message || refusal.reason;
    const message = `CertificateSigningRequest ${name} of the workload cluster is ${refusal.type}: ${why}`;
    throw new Waiting('CertificateRefused', message, refusalPause);
  }
  const { certificate } = request.status ?? {};
  if (certificate) return Buffer.from(certificate, 'base64').toString();
  const message = `CertificateSigningRequest ${name} of the workload cluster is not signed yet`;
  throw new Waiting('WaitingForCertificate', message, signingPause);
}

/**
 * Signs with the key of the cluster's CA, as the existing provider does.
 *
 * @throws Waiting when there is no such key, or it does not fit
 */
export async function signWithClusterCA(
  { client, clock }: Deps,
  { signal }: Context,
  scope: Scope,
  privateKey: string,
): Promise<string> {
  const { name = '', namespace = '' } = scope.cluster?.metadata ?? {};
  const key = { namespace, name: `${name}-ca` };
  const secret = await ifFound(client.get(secrets, key, { signal }));
  const { 'tls.crt': certificate, 'tls.key': authorityKey } = secret?.data ?? {};
  if (!certificate || !authorityKey) {
    const message = `there is no Secret ${namespace}/${key.name} with tls.crt and tls.key`;
    throw new Waiting('WaitingForClusterCA', message, secretPause);
  }
  const authority = { certificate: decoded(certificate), key: decoded(authorityKey) };
  const now = clock.now();
  const validity = { from: now, to: now + lifetime };
  try {
    return signCertificate(subjectOf(scope), publicKeyOf(privateKey), authority, validity);
  } catch (error) {
    const message = `Secret ${namespace}/${key.name}: ${messageOf(error)}`;
    throw new Waiting('InvalidClusterCA', message, refusalPause);
  }
}

function newRequest(name: string, subject: Subject, privateKey: string): CertificateSigningRequest {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(certificateRequest(subject, privateKey)).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      // Servers before 1.27 want all three, whatever the key; later ones take them.
      usages: ['digital signature', 'key encipherment', 'client auth'],
    },
  };
}

function approved(request: CertificateSigningRequest): CertificateSigningRequest {
  const condition = {
    type: 'Approved',
    status: 'True',
    reason: 'KubemarkMachine',
    message: 'Made by the provider of this node',
  };
  return { ...request, status: { ...request.status, conditions: [condition] } };
}

function conditionsOf({ status }: CertificateSigningRequest) {
  return status?.conditions ?? [];
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString();
}
