/** Client certificates of X.509: asked for (PKCS #10) or signed here, and who signs. Keys are EC P-256. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import * as der from './der.ts';

/** Who the certificate is for, as Kubernetes reads it. */
export interface Subject {
  /** The user. */
  commonName: string;
  /** The group. */
  organization: string;
}

/** A new private key in PEM. */
export function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

/** The public half, for fingerprints. */
export function publicKeyOf(privateKey: string): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}

/** A certificate signing request in PEM (RFC 2986). */
export function certificateRequest(subject: Subject, privateKey: string): string {
  const key = createPrivateKey(privateKey);
  const noAttributes = der.encode(0xa0);
  const version = der.integer(Buffer.of(0));
  const info = der.sequence(version, nameOf(subject), publicKeyOf(privateKey), noAttributes);
  return pem('CERTIFICATE REQUEST', signed(info, key));
}

export interface Authority {
  /** PEM. */
  certificate: string;
  /** PEM. */
  key: string;
}

/** Milliseconds since the epoch. */
export interface Validity {
  from: number;
  to: number;
}

/** How far clocks may be apart. */
const slack = 5 * 60_000;

/** An authority that nobody else knows of: its certificate is signed with its own key (RFC 5280). */
export function newAuthority(name: Subject, validity: Validity): Authority {
  const key = newPrivateKey();
  const certificate = signedCertificate(createPrivateKey(key), {
    issuer: nameOf(name),
    subject: nameOf(name),
    publicKey: publicKeyOf(key),
    validity,
    extensions: [isAuthority, certificateSigning],
  });
  return { certificate, key };
}

/**
 * A client certificate in PEM (RFC 5280), signed by `authority`.
 *
 * @throws Error when the authority's key does not fit its certificate
 */
export function signCertificate(
  subject: Subject,
  publicKey: Buffer,
  authority: Authority,
  validity: Validity,
): string {
  const issuer = new X509Certificate(authority.certificate);
  const key = createPrivateKey(authority.key);
  if (!issuer.checkPrivateKey(key)) throw new Error('the key is not that of the certificate');
  return signedCertificate(key, {
    issuer: subjectOf(issuer),
    subject: nameOf(subject),
    publicKey,
    validity,
    extensions: [digitalSignature, clientAuthentication],
  });
}

interface Content {
  /** As the certificate of the issuer has it. */
  issuer: Buffer;
  subject: Buffer;
  publicKey: Buffer;
  validity: Validity;
  extensions: readonly Buffer[];
}

function signedCertificate(key: KeyObject, content: Content): string {
  const { issuer, subject, publicKey, validity, extensions } = content;
  const serial = randomBytes(16);
  serial[0] = 1; // positive, and never shorter
  const unsigned = der.sequence(
    der.encode(0xa0, der.integer(Buffer.of(2))), // version 3
    der.integer(serial),
    algorithmOf(key),
    issuer,
    der.sequence(der.utcTime(validity.from - slack), der.utcTime(validity.to)),
    subject,
    publicKey,
    der.encode(0xa3, der.sequence(...extensions)),
  );
  return pem('CERTIFICATE', signed(unsigned, key));
}

function nameOf({ commonName, organization }: Subject): Buffer {
  return der.sequence(namePart('2.5.4.10', organization), namePart('2.5.4.3', commonName));
}

function namePart(type: string, value: string): Buffer {
  return der.set(der.sequence(der.objectIdentifier(type), der.utf8String(value)));
}

/** As the issuer writes it, to the byte: verifiers compare it so. */
function subjectOf(certificate: X509Certificate): Buffer {
  const [content = Buffer.of()] = der.elementsOf(certificate.raw);
  const [version, serial, algorithm, issuer, validity, subject] = der.elementsOf(content);
  if (subject !== undefined && version && serial && algorithm && issuer && validity) return subject;
  throw new Error('the certificate of the authority is not of X.509 version 3');
}

const isAuthority = der.sequence(
  der.objectIdentifier('2.5.29.19'), // basic constraints
  der.yes,
  der.octetString(der.sequence(der.yes)),
);
/** The first bit of nine, and the sixth. */
const digitalSignature = keyUsage(7, 0b1000_0000);
const certificateSigning = keyUsage(2, 0b0000_0100);
const clientAuthentication = der.sequence(
  der.objectIdentifier('2.5.29.37'), // extended key usage
  der.octetString(der.sequence(der.objectIdentifier('1.3.6.1.5.5.7.3.2'))),
);

/** A string of bits, of which the last ones of its byte are not used. */
function keyUsage(unused: number, bits: number): Buffer {
  const usage = der.encode(0x03, Buffer.of(unused, bits));
  return der.sequence(der.objectIdentifier('2.5.29.15'), der.yes, der.octetString(usage));
}

function signed(content: Buffer, key: KeyObject): Buffer {
  return der.sequence(content, algorithmOf(key), der.bitString(sign('sha256', content, key)));
}

function algorithmOf({ asymmetricKeyType }: KeyObject): Buffer {
  if (asymmetricKeyType === 'ec') {
    return der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2')); // ECDSA with SHA-256
  }
  if (asymmetricKeyType === 'rsa') {
    return der.sequence(der.objectIdentifier('1.2.840.113549.1.1.11'), der.nothing);
  }
  throw new Error(`the authority's key is of the type ${asymmetricKeyType} (want rsa or ec)`);
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
