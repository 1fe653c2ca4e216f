/** Certificates that nobody checks, and the authority that tests have. */
import { readFile } from 'node:fs/promises';
import { newPrivateKey, publicKeyOf, signCertificate } from '#runtime/pki/client-certificate.ts';

/**
 * The embedded API server asks nobody who they are.
 *
 * @param validity milliseconds since the epoch
 */
export async function someCertificate(validity: { from: number; to: number }): Promise<string> {
  const subject = { commonName: 'system:node:any', organization: 'system:nodes' };
  return signCertificate(subject, publicKeyOf(newPrivateKey()), await authority(), validity);
}

/** What core's Secret of a cluster's CA holds. */
export async function authorityData(): Promise<Record<string, string>> {
  const { certificate, key } = await authority();
  return {
    'tls.crt': Buffer.from(certificate).toString('base64'),
    'tls.key': Buffer.from(key).toString('base64'),
  };
}

async function authority(): Promise<{ certificate: string; key: string }> {
  const folder = new URL('../../controller/runtime/pki/testdata/', import.meta.url);
  const certificate = await readFile(new URL('ec.pem', folder), 'utf8');
  const key = await readFile(new URL('ec.key.pem', folder), 'utf8');
  return { certificate, key };
}
