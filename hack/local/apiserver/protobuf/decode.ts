/**
 * Reads bodies of `application/vnd.kubernetes.protobuf`, which kubectl sends for a few kinds
 * without asking what the server takes.
 */
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import { badRequest } from '../status.ts';
import type { Field } from './messages.ts';
import { messages } from './messages.ts';

const magic = Buffer.from('k8s\0', 'latin1');

/** `undefined` when the body is of a kind whose fields are not known here. */
export function decodeProtobuf(body: Buffer): JsonObject | undefined {
  if (!body.subarray(0, magic.length).equals(magic)) {
    throw badRequest("the body of the request is not protobuf of Kubernetes: it lacks 'k8s\\0'");
  }
  const envelope = fieldsOf(body.subarray(magic.length));
  const type = fieldsOf(bytesAt(envelope, 1));
  const apiVersion = bytesAt(type, 1).toString();
  const kind = bytesAt(type, 2).toString();
  if (messages[kind] === undefined) return undefined;
  return { apiVersion, kind, ...decodeMessage(kind, bytesAt(envelope, 2)) };
}

/** One field as it is on the wire: a number, or bytes. */
interface WireField {
  readonly number: number;
  readonly value: number | Buffer;
}

function decodeMessage(type: string, bytes: Buffer): JsonObject {
  const result: JsonObject = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const field = messages[type]?.[number];
    if (field === undefined) {
      throw badRequest(`field ${number} of ${type} is not known in protobuf here: send JSON`);
    }
    const decoded = decodeField(field, value);
    if (isZero(decoded)) continue;
    const before = result[field.name];
    if (field.isList) result[field.name] = [...(Array.isArray(before) ? before : []), decoded];
    else if (isObject(before) && isObject(decoded)) Object.assign(before, decoded);
    else result[field.name] = decoded;
  }
  return result;
}

/** Go writes members that are not pointers even when they are empty; JSON leaves them out. */
function isZero(value: unknown): boolean {
  return value === undefined || value === '';
}

function decodeField({ type }: Field, value: number | Buffer): unknown {
  if (type === 'ignored') return undefined;
  if (typeof value === 'number') return type === 'boolean' ? value === 1 : value;
  if (typeof type === 'object') return decodeMessage(type.message, value);
  if (type === 'time') return decodeTime(value);
  if (type === 'intOrString') return decodeIntOrString(value);
  if (type === 'stringMap') return decodeEntry(value, 'utf8');
  if (type === 'bytesMap') return decodeEntry(value, 'base64');
  return value.toString();
}

/** Maps travel as repeated pairs of a key and a value. */
function decodeEntry(bytes: Buffer, encoding: 'utf8' | 'base64'): JsonObject {
  const pair = fieldsOf(bytes);
  return { [bytesAt(pair, 1).toString()]: bytesAt(pair, 2).toString(encoding) };
}

function decodeTime(bytes: Buffer): string | undefined {
  const seconds = fieldsOf(bytes).find(({ number }) => number === 1)?.value;
  if (typeof seconds !== 'number') return undefined;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

function decodeIntOrString(bytes: Buffer): number | string {
  const fields = fieldsOf(bytes);
  const isString = fields.some(({ number, value }) => number === 1 && value === 1);
  if (isString) return bytesAt(fields, 3).toString();
  const integer = fields.find(({ number }) => number === 2)?.value;
  return typeof integer === 'number' ? integer : 0;
}

function bytesAt(fields: WireField[], number: number): Buffer {
  const value = fields.find((field) => field.number === number)?.value;
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

const varintType = 0;
const bytesType = 2;

/** Kubernetes uses only varints and length-delimited fields in what is read here. */
function fieldsOf(bytes: Buffer): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const readVarint = (): number => {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw badRequest('unexpected end of protobuf');
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, result));
    }
  };
  while (at < bytes.length) {
    const tag = readVarint();
    const number = tag >>> 3;
    if ((tag & 7) === varintType) {
      fields.push({ number, value: readVarint() });
    } else if ((tag & 7) === bytesType) {
      const end = readVarint() + at;
      if (end > bytes.length) throw badRequest('unexpected end of protobuf');
      fields.push({ number, value: bytes.subarray(at, end) });
      at = end;
    } else {
      throw badRequest(`protobuf wire type ${tag & 7} is not expected here`);
    }
  }
  return fields;
}
