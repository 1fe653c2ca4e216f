/**
 * What can go wrong with a hollow node, as users write it: in a machine's configuration, on the command
 * lines of the hollow node and the fault proxy, and (`text.ts`) in an annotation. `decode.ts` turns it
 * into what programs work with.
 */
import { Type, type Static } from 'typebox';
import { field } from '../schema/field.ts';
import { duration, oneOf } from '../schema/fields.ts';
import { faultTypes } from './fault-types.ts';

const text = (description: string) =>
  Type.Optional(
    field(Type.String({ maxLength: 1024 }), {
      what: 'a text',
      want: 'at most 1024 characters',
      description,
    }),
  );

const integer = (minimum: number, maximum: number, description: string) =>
  Type.Optional(
    field(Type.Integer({ minimum, maximum }), {
      what: 'a number that fits',
      want: `an integer from ${minimum} to ${maximum}`,
      description,
    }),
  );

export const conditionSchema = Type.Object(
  {
    type: field(Type.String({ pattern: '^[A-Za-z0-9]([-A-Za-z0-9_./]{0,314}[A-Za-z0-9])?$' }), {
      what: 'a condition type',
      want: 'e.g. "MemoryPressure"',
      description: 'A condition that every kubelet reports, or one that none knows.',
    }),
    status: Type.Optional(
      field(oneOf(['True', 'False', 'Unknown']), {
        what: 'the status of a condition',
        want: '"True", "False" or "Unknown"',
        description: 'While the fault is active. Default True, but False for Ready.',
      }),
    ),
    reason: text('Default: what a kubelet says, FaultInjected where it knows no word.'),
    message: text('Default: what a kubelet says.'),
  },
  { description: 'For Condition: the condition that is reported.' },
);

export const faultSchema = Type.Object({
  type: field(oneOf(faultTypes), {
    what: 'a type of fault',
    want: faultTypes.join(', '),
    description: 'What goes wrong.',
  }),
  after: duration('Onset, counted from the start of the hollow node. Default 0s.'),
  duration: duration('How long it lasts. Default: for ever.'),
  period: duration('From one onset to the next. Default: it happens once.'),
  jitter: duration(
    'Each onset comes later by a part of this, which is random and always the same again.',
  ),
  seed: integer(
    0,
    2 ** 31 - 1,
    'Which random numbers: nodes with the same seed fail together. Default: each node its own, made from its name.',
  ),
  message: text('For NotReady: shown in the Ready condition.'),
  freezesPods: Type.Optional(
    field(Type.Boolean(), {
      what: 'a boolean',
      want: 'true or false',
      description:
        'For NotReady: Pods neither start nor finish, as with a runtime that is down. Default true.',
    }),
  ),
  condition: Type.Optional(
    field(conditionSchema, { what: 'a condition', want: 'e.g. {"type": "MemoryPressure"}' }),
  ),
  providerID: Type.Optional(
    field(Type.String({ maxLength: 1024 }), {
      what: 'a text',
      want: 'e.g. "other://1", or "" for none; at most 1024 characters',
      description: 'For WrongProviderID: what the node registers with; "": without one.',
    }),
  ),
  delay: duration(
    'For SlowHeartbeat: how late each renewal of the lease is. For APILatency: how long each request waits.',
  ),
  percent: integer(0, 100, 'For APILatency and APIErrors: the share of requests. Default 100.'),
  code: integer(400, 599, 'For APIErrors: the HTTP status of the answer. Default 500.'),
});

/** One fault as it is written. */
export type FaultSpec = Static<typeof faultSchema>;
export type FaultConditionSpec = Static<typeof conditionSchema>;
