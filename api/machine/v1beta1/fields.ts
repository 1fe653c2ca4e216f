/** Fields that the kinds of this group have in common. */
import { Type, type Static, type TProperties } from 'typebox';

export const text = (description: string) => Type.Optional(Type.String({ description }));

export const time = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }));

/** An object of a kind that this schema does not know. */
export const anyObject = (description: string) =>
  Type.Optional(
    Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      description,
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  );

/**
 * For text that may well be empty: Kubernetes that was built with a Go newer than its time's, as Debian's,
 * takes an empty string for null.
 */
const emptyOrNot = { type: 'string', nullable: true } as const;

export const emptyOrText = (description: string) =>
  Type.Optional(Type.Unsafe<string>({ ...emptyOrNot, description }));

export const stringMap = (description: string) =>
  Type.Optional(
    Type.Unsafe<Record<string, string>>({
      type: 'object',
      description,
      additionalProperties: emptyOrNot,
    }),
  );

/** An integer of 32 bits that is not negative. */
export const count = (description: string, more: { default?: number } = {}) =>
  Type.Optional(Type.Integer({ format: 'int32', minimum: 0, description, ...more }));

/** A number of Machines, or a share of them, e.g. `25%`. */
export const intOrPercent = (description: string) =>
  Type.Optional(
    Type.Unsafe<number | string>({
      description,
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      minimum: 0,
      pattern: String.raw`^\d+%$`,
    }),
  );

export const observedGeneration = Type.Optional(
  Type.Integer({ format: 'int64', description: 'The generation that this status tells of.' }),
);

/** What templates and specs hand on: any more than labels and annotations is kept and ignored. */
export const metadata = (what: string, description: string) =>
  Type.Optional(
    Type.Object(
      {
        labels: stringMap(`Labels for the ${what}.`),
        annotations: stringMap(`Annotations for the ${what}.`),
      },
      { description, 'x-kubernetes-preserve-unknown-fields': true },
    ),
  );

/** `meta/v1 LabelSelector`. */
export const labelSelectorSchema = Type.Object(
  {
    matchLabels: stringMap('Labels that must have these values.'),
    matchExpressions: Type.Optional(
      Type.Array(
        Type.Object({
          key: Type.String({ description: 'The label.' }),
          operator: Type.String({ description: 'In, NotIn, Exists or DoesNotExist.' }),
          values: Type.Optional(
            Type.Array(Type.String(), { description: 'Of In and NotIn: at least one.' }),
          ),
        }),
        { description: 'Conditions on labels, all of which must hold.' },
      ),
    ),
  },
  { description: 'Which Machines. Both parts must hold.' },
);

const conditionSchema = Type.Object({
  type: Type.String({ description: 'E.g. Drained.' }),
  status: Type.String({ description: 'True, False or Unknown.' }),
  severity: text('Error, Warning, Info or empty.'),
  lastTransitionTime: time('When the status last changed.'),
  reason: text('A word for programs.'),
  message: text('A sentence for people.'),
});
export type Condition = Static<typeof conditionSchema>;

/** Conditions with fields of a kind's own. */
export const conditionsWith = <Fields extends TProperties>(fields: Fields, description: string) =>
  Type.Optional(
    Type.Array(Type.Object({ ...conditionSchema.properties, ...fields }), {
      description,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    }),
  );

export const conditions = (description: string) => conditionsWith({}, description);
