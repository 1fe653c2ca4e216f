import type { ApiObject } from '../object.ts';

/** `meta/v1 TableColumnDefinition`; priority 0 is always shown, more only with `-o wide`. */
export interface ColumnDefinition {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format: string;
  description: string;
  priority: number;
}

export type Cell = string | number | boolean | null;

/** How objects of a kind appear as rows; `now` in milliseconds, for ages. */
export interface Columns {
  readonly definitions: readonly ColumnDefinition[];
  cells(object: ApiObject, now: number): Cell[];
}

export function column(
  name: string,
  priority = 0,
  type: ColumnDefinition['type'] = 'string',
): ColumnDefinition {
  const format = name === 'Name' ? 'name' : '';
  return { name, type, format, description: descriptionOf(name), priority };
}

function descriptionOf(name: string): string {
  if (name === 'Name') return 'Name must be unique within a namespace.';
  if (name === 'Age') return 'Time since the object was created.';
  return name;
}

/** Name and Age: for kinds about which nothing more is known. */
export const plainColumns: Columns = {
  definitions: [column('Name'), column('Age')],
  cells: ({ metadata }, now) => [metadata.name ?? '', age(metadata.creationTimestamp, now)],
};

/** Time since `timestamp` as kubectl prints it. */
export function age(timestamp: string | undefined, now: number): string {
  if (timestamp === undefined || timestamp === '') return '<unknown>';
  return humanDuration(now - Date.parse(timestamp));
}

/** `45s`, `2m5s`, `3h`, `5d2h`: k8s.io/apimachinery/pkg/util/duration.HumanDuration. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return joined(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return joined(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return joined(Math.trunc(hours / 24), 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24)}d`;
  const days = Math.trunc(hours / 24);
  if (days < 365 * 8) return joined(Math.trunc(days / 365), 'y', days % 365, 'd');
  return `${Math.trunc(days / 365)}y`;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
