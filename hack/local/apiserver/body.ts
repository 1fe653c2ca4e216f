import type { IncomingMessage } from 'node:http';
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import { decodeProtobuf } from './protobuf/decode.ts';
import { badRequest, StatusError, unsupportedMediaType } from './status.ts';

/** As kube-apiserver's default. */
const largestBody = 3 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) {
      const message = `Request entity too large: limit is ${largestBody}`;
      throw new StatusError(413, 'RequestEntityTooLarge', message);
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

const jsonType = 'application/json';
const yamlType = 'application/yaml';

const protobufType = 'application/vnd.kubernetes.protobuf';

/** The body of a write, from JSON, YAML or (some kinds) protobuf. Throws 400 and 415. */
export async function parseObject(body: Buffer, contentType: string): Promise<JsonObject> {
  const value = await parseValue(body, contentType);
  if (value === undefined) throw unsupportedMediaType([jsonType, yamlType]);
  if (isObject(value)) return value;
  throw badRequest("couldn't get version/kind; json parse error: the body is not an object");
}

function parseValue(body: Buffer, contentType: string): unknown {
  if (contentType === '' || contentType === jsonType) return parseJson(body);
  if (contentType === yamlType) return parseYaml(body);
  return contentType === protobufType ? decodeProtobuf(body) : undefined;
}

/** For patches, which may be lists. */
export function parseJson(body: Buffer): unknown {
  try {
    const text = body.toString();
    if (isTooDeep(text)) throw new Error('exceeded max depth');
    return JSON.parse(text) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw badRequest(`the object provided is unrecognized: json parse error: ${why}`);
  }
}

/** Levels. Go's encoding/json takes ten times as many; here copies and checks recurse. */
const deepestJson = 1000;

function isTooDeep(text: string): boolean {
  if (text.length <= 2 * deepestJson) return false; // the rule costs nothing where it cannot apply
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth > deepestJson) return true;
  }
  return false;
}

async function parseYaml(body: Buffer): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(body.toString()) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw badRequest(`the object provided is unrecognized: yaml parse error: ${why}`);
  }
}

/** The media type without its parameters. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
