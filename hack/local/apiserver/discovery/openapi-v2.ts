/**
 * OpenAPI v2 as far as kubectl still reads it: for a `kind: List`, and for kinds that do not exist, it
 * asks which paths take `fieldValidation` here, in protobuf only. Messages and field numbers:
 * openapiv2/OpenAPIv2.proto of google/gnostic.
 */
import type { Resource } from '../rest/operation.ts';

/** What clients ask for; it is no media type, so the answer has to say it in another way. */
export const openApiV2Accepted = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
export const openApiV2Type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** The document with a path for each kind, and in it what a patch takes. */
export function openApiV2Document(resources: readonly Resource[]): Buffer {
  const paths = resources.flatMap(({ definition: { group, plural, kind, versions } }) =>
    versions.map(({ name: version }) => {
      const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      return field(2, pathItem(`${root}/${plural}/{name}`, { group, version, kind }));
    }),
  );
  const info = Buffer.concat([text(1, 'Kubernetes'), text(2, 'unversioned')]);
  return Buffer.concat([text(1, '2.0'), field(2, info), field(8, Buffer.concat(paths))]);
}

function pathItem(path: string, groupVersionKind: object): Buffer {
  const query = Buffer.concat([text(2, 'query'), text(4, 'fieldValidation')]);
  const parameter = field(1, field(2, field(3, query)));
  const extension = Buffer.concat([
    text(1, 'x-kubernetes-group-version-kind'),
    field(2, text(2, JSON.stringify(groupVersionKind))),
  ]);
  const patch = Buffer.concat([field(8, parameter), field(13, extension)]);
  return Buffer.concat([text(1, path), field(2, field(8, patch))]);
}

/** A length-delimited field: its key, its length, its content. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

function text(number: number, content: string): Buffer {
  return field(number, Buffer.from(content));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest >>>= 7) {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  }
  return Buffer.from(bytes);
}
