/** As much of ASN.1's distinguished encoding (X.690) as certificates take. */

export function encode(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body), body]);
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => encode(0x30, ...items);
export const set = (...items: readonly Uint8Array[]): Buffer => encode(0x31, ...items);
export const utf8String = (text: string): Buffer => encode(0x0c, Buffer.from(text));
export const octetString = (content: Uint8Array): Buffer => encode(0x04, content);
/** A whole number of bytes. */
export const bitString = (content: Uint8Array): Buffer => encode(0x03, Buffer.of(0), content);
export const nothing = Buffer.of(0x05, 0x00);
export const yes = Buffer.of(0x01, 0x01, 0xff);

/** Of a number that is not negative, big-endian. */
export function integer(bytes: Uint8Array): Buffer {
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return encode(0x02, isNegative ? Buffer.of(0) : Buffer.of(), bytes);
}

/** `2.5.4.3` */
export function objectIdentifier(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return encode(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

/** Years up to 2049 only, as certificates want them. */
export function utcTime(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return encode(0x17, Buffer.from(digits.slice(2)));
}

/** The elements inside the one that `der` is, each with its header. */
export function elementsOf(der: Buffer): Buffer[] {
  const elements: Buffer[] = [];
  for (let at = headerLength(der, 0); at < der.length;) {
    const end = at + headerLength(der, at) + contentLength(der, at);
    elements.push(der.subarray(at, end));
    at = end;
  }
  return elements;
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

function lengthOf({ length }: Uint8Array): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function headerLength(der: Buffer, at: number): number {
  const first = der[at + 1] ?? 0;
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
}

function contentLength(der: Buffer, at: number): number {
  const first = der[at + 1] ?? 0;
  return first < 0x80 ? first : der.readUIntBE(at + 2, first & 0x7f);
}
