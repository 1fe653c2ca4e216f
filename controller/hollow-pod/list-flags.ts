/** Flags of kubemark that take lists, as its command line has them. */

/** No flag for an empty list. */
export function listFlag(name: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [`${name}=${values.join(',')}`];
}

export function pairs(record: Readonly<Record<string, string>>): string[] {
  return Object.entries(record).map(([key, value]) => `${key}=${value}`);
}

export function taintText({
  key,
  value = '',
  effect,
}: {
  key: string;
  value?: string;
  effect: string;
}): string {
  return `${key}=${value}:${effect}`;
}
