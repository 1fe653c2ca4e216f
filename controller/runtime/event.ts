import { randomBytes } from 'node:crypto';
import { events, type Event } from '#api/core.ts';
import { apiVersionOf } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { timestamp } from '#api/timestamp.ts';
import type { ObjectKey } from './client/client.ts';

export type EventType = 'Normal' | 'Warning';

/** What users see; occurrences with the same values count as one event. */
export interface EventText {
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
}

export interface Times {
  count: number;
  /** Milliseconds since the epoch. */
  first: number;
  last: number;
}

const longestMessage = 1024;
const longestName = 253;

/** The object an event is about. */
export type Reference = Event['involvedObject'] & { kind: string; name: string };

export function referenceTo({ apiVersion, kind, metadata }: KubernetesObject): Reference {
  const { namespace, name = '', uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    name,
    ...(namespace && { namespace }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
  };
}

/** Something that happened, perhaps several times. */
export interface Occurrence {
  /** Of the Event that tells of it. */
  readonly key: ObjectKey;
  readonly involved: Reference;
  readonly text: EventText;
  readonly times: Times;
}

export function newOccurrence(involved: Reference, text: EventText, now: number): Occurrence {
  const key = { namespace: involved.namespace ?? 'default', name: eventName(involved.name) };
  return { key, involved, text, times: { count: 0, first: now, last: now } };
}

/** The Event as `kubectl describe` expects it; that of a cluster-scoped object is in `default`. */
export function newEvent({ key, involved, text, times }: Occurrence, component: string): Event {
  return {
    apiVersion: apiVersionOf(events),
    kind: events.kind,
    metadata: { ...key },
    involvedObject: involved,
    type: text.type,
    reason: text.reason,
    message: shortened(text.message),
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
    firstTimestamp: timestamp(times.first),
    ...repetition(times),
  };
}

/** What changes when the same thing happens again. */
export function repetition({ count, last }: Times): { count: number; lastTimestamp: string } {
  return { count, lastTimestamp: timestamp(last) };
}

/** Which occurrences are the same event. */
export function eventIdentity(involved: Reference, text: EventText): string {
  return JSON.stringify([objectIdentity(involved), text.type, text.reason, text.message]);
}

export function objectIdentity({ kind, namespace, name, uid }: Reference): string {
  return JSON.stringify([kind, namespace, name, uid]);
}

/** Unique, and a valid DNS subdomain as long as the object's name is one. */
function eventName(name: string): string {
  const suffix = `.${randomBytes(8).toString('hex')}`;
  return name.slice(0, longestName - suffix.length).replace(/[-.]+$/, '') + suffix;
}

function shortened(message: string): string {
  if (message.length <= longestMessage) return message;
  return `${message.slice(0, longestMessage - 1).toWellFormed()}…`;
}
