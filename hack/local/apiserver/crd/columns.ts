import type { Cell, ColumnDefinition, Columns } from '../table/columns.ts';
import { age, column, plainColumns } from '../table/columns.ts';
import { compileJsonPath } from './json-path.ts';

export interface PrinterColumn {
  name: string;
  type: ColumnDefinition['type'];
  jsonPath: string;
  format?: string;
  description?: string;
  priority?: number;
}

/** Name and the `additionalPrinterColumns` of a version; Name and Age when it has none. */
export function columnsOf(columns: readonly PrinterColumn[] | undefined): Columns {
  if (columns === undefined || columns.length === 0) return plainColumns;
  const read = columns.map(({ type, jsonPath }) => ({ type, find: compileJsonPath(jsonPath) }));
  const definitions = columns.map(({ name, type, format = '', description, priority = 0 }) => ({
    name,
    type,
    format,
    description:
      description ??
      `Custom resource definition column (in JSONPath format): ${jsonPathOf(columns, name)}`,
    priority,
  }));
  return {
    definitions: [column('Name'), ...definitions],
    cells: (object, now) => [
      object.metadata.name ?? '',
      ...read.map(({ type, find }) => cellOf(type, find(object), now)),
    ],
  };
}

function jsonPathOf(columns: readonly PrinterColumn[], name: string): string {
  return columns.find((candidate) => candidate.name === name)?.jsonPath ?? '';
}

function cellOf(type: ColumnDefinition['type'], found: unknown[], now: number): Cell {
  const [first] = found;
  if (first === undefined || first === null) return null;
  if (type === 'string') return found.map((value) => textOf(value)).join(',');
  if (type === 'date') return age(typeof first === 'string' ? first : undefined, now);
  if (type === 'boolean') return typeof first === 'boolean' ? first : null;
  if (typeof first !== 'number') return null;
  return type === 'integer' ? Math.trunc(first) : first;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
