/** Certificates that nobody checks, and the authority that stories have. */
import { newPrivateKey, publicKeyOf, signCertificate } from '#runtime/pki/client-certificate.ts';
import { clientAuthority } from './backend.ts';

/**
 * The embedded API server asks nobody who they are.
 *
 * @param validity milliseconds since the epoch
 */
export async function someCertificate(validity: { from: number; to: number }): Promise<string> {
  const subject = { commonName: 'system:node:any', organization: 'system:nodes' };
  return signCertificate(subject, publicKeyOf(newPrivateKey()), await clientAuthority(), validity);
}

/** What core's Secret of a cluster's CA holds. */
export async function authorityData(): Promise<Record<string, string>> {
  const { certificate, key } = await clientAuthority();
  return {
    'tls.crt': Buffer.from(certificate).toString('base64'),
    'tls.key': Buffer.from(key).toString('base64'),
  };
}
