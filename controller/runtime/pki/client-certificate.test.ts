import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  certificateRequest,
  newAuthority,
  newPrivateKey,
  publicKeyOf,
  signCertificate,
} from './client-certificate.ts';
import { elementsOf } from './der.ts';

const subject = { commonName: 'system:node:worker-1', organization: 'system:nodes' };
const from = Date.UTC(2030, 0, 1);
const validity = { from, to: from + 86_400_000 };

/** Made by openssl, so that what others make is understood. */
const authority = async (algorithm: 'rsa' | 'ec') => ({
  certificate: await readFile(new URL(`testdata/${algorithm}.pem`, import.meta.url), 'utf8'),
  key: await readFile(new URL(`testdata/${algorithm}.key.pem`, import.meta.url), 'utf8'),
});

for (const algorithm of ['rsa', 'ec'] as const) {
  test(`a certificate signed with an ${algorithm} key is the authority's`, async (t) => {
    const ca = await authority(algorithm);
    const key = newPrivateKey();
    const certificate = new X509Certificate(
      signCertificate(subject, publicKeyOf(key), ca, validity),
    );
    const issuer = new X509Certificate(ca.certificate);
    t.true(certificate.checkIssued(issuer));
    t.true(certificate.verify(issuer.publicKey));
    t.is(certificate.subject, 'O=system:nodes\nCN=system:node:worker-1');
    t.is(Date.parse(certificate.validTo), validity.to);
    t.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  });
}

test('an authority of our own signs for others and for itself', (t) => {
  const name = { commonName: 'kubernetes', organization: 'tests' };
  const ca = newAuthority(name, validity);
  const issuer = new X509Certificate(ca.certificate);
  t.true(issuer.ca);
  t.true(issuer.checkIssued(issuer));
  t.true(issuer.verify(issuer.publicKey));
  const signed = signCertificate(subject, publicKeyOf(newPrivateKey()), ca, validity);
  const certificate = new X509Certificate(signed);
  t.false(certificate.ca);
  t.true(certificate.checkIssued(issuer));
  t.true(certificate.verify(issuer.publicKey));
});

test('a request is signed with the key that it is for', (t) => {
  const key = newPrivateKey();
  const body = certificateRequest(subject, key).replaceAll(/-----.*-----/g, '');
  const [info, , signature] = elementsOf(Buffer.from(body, 'base64'));
  t.true(
    verify(
      'sha256',
      info ?? Buffer.of(),
      createPublicKey(key),
      signature?.subarray(3) ?? Buffer.of(),
    ),
  );
  t.true(info?.includes(publicKeyOf(key)));
});

test("an authority's key that is not its certificate's is refused", async (t) => {
  const ca = { ...(await authority('ec')), key: newPrivateKey() };
  t.throws(() => signCertificate(subject, publicKeyOf(newPrivateKey()), ca, validity), {
    message: 'the key is not that of the certificate',
  });
});
