/** Building blocks of the specs of this group: each says what it wants, for errors and docs. */
import { Type, type Static } from 'typebox';
import { labelValue, qualifiedName } from '../../names.ts';
import { field } from '../../schema/field.ts';
import { mapOf, oneOf } from '../../schema/fields.ts';

/** Go's form, as OpenAPI can say it: not negative. */
const durationPattern = String.raw`^(0|([0-9]+(\.[0-9]*)?(h|ms|m|s|us|µs|ns))+)$`;

/** A quantity that is not negative. */
const quantityPattern = String.raw`^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,3})?$`;

export const duration = (description: string) =>
  Type.Optional(
    field(Type.String({ pattern: durationPattern, maxLength: 64 }), {
      what: 'a duration',
      want: 'e.g. "5s", "1m30s"',
      description,
    }),
  );

export const resourceList = (description: string) =>
  Type.Optional(
    field(
      mapOf(
        { what: 'the name of a resource', want: 'e.g. "cpu", "example.com/gpu"' },
        field(
          Type.Unsafe<number | string>({
            'x-kubernetes-int-or-string': true,
            anyOf: [{ type: 'integer' }, { type: 'string' }],
            minimum: 0,
            pattern: quantityPattern,
          }),
          { what: 'a quantity', want: 'e.g. 8, "10Gi"' },
        ),
      ),
      { what: 'a map of resources', want: 'e.g. {"cpu": 4, "memory": "10Gi"}', description },
    ),
  );

export const labels = (description: string) =>
  Type.Optional(
    field(
      mapOf(
        { what: 'a label key', want: 'e.g. "zone", "example.com/zone"' },
        field(Type.String({ pattern: labelValue }), {
          what: 'a label value',
          want: 'at most 63 letters, digits, "-", "_" or "."',
        }),
      ),
      { what: 'a map of labels', want: 'e.g. {"zone": "a"}', description },
    ),
  );

const taintSchema = Type.Object({
  key: field(Type.String({ pattern: qualifiedName }), {
    what: 'a taint key',
    want: 'e.g. "dedicated", "example.com/gpu"',
    description: 'The key.',
  }),
  value: Type.Optional(
    field(Type.String({ pattern: labelValue }), {
      what: 'a taint value',
      want: 'at most 63 letters, digits, "-", "_" or "."',
      description: 'The value; may be empty.',
    }),
  ),
  effect: field(oneOf(['NoSchedule', 'PreferNoSchedule', 'NoExecute']), {
    what: 'a taint effect',
    want: '"NoSchedule", "PreferNoSchedule" or "NoExecute"',
    description: 'What becomes of Pods that do not tolerate it.',
  }),
  timeAdded: Type.Optional(
    Type.String({ format: 'date-time', description: 'Ignored: kubemark has no flag for it.' }),
  ),
});
export type Taint = Static<typeof taintSchema>;

export const taints = (description: string) =>
  Type.Optional(
    field(Type.Array(taintSchema), {
      what: 'a list of taints',
      want: 'e.g. [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}]',
      description,
    }),
  );

/** Part of a Pod, which the API server that takes the Pod checks. */
export const podPart = <T>(type: 'object' | 'array', description: string) => {
  const any = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return Type.Optional(
    Type.Unsafe<T>(type === 'object' ? { ...any, description } : { type, items: any, description }),
  );
};
