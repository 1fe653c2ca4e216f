import { createHash } from 'node:crypto';
import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';

/** What a label value can hold, as names that the API server generates. */
const longestName = 63;
const suffixLength = 5;
/** Without vowels and what looks alike, as the API server's own suffixes. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The names of a set's next Machines: the first that are free of a sequence that is the set's own.
 *
 * The same question has the same answer, so to ask again with what a cache knew some time ago, or after
 * an answer was lost, leads to Machines that exist already and not to more of them.
 */
export function freeNames(
  set: MachineSet,
  count: number,
  isTaken: (name: string) => boolean,
): string[] {
  const { name = '', uid = '' } = set.metadata;
  // Cut behind a dot, it would not be a name any more.
  const readable = name.slice(0, longestName - suffixLength - 1).replace(/[-.]+$/, '');
  const names = new Set<string>();
  for (let index = 0; names.size < count; index++) {
    const candidate = `${readable}-${suffix(uid, index)}`;
    if (!isTaken(candidate)) names.add(candidate);
  }
  return [...names];
}

function suffix(uid: string, index: number): string {
  const hash = createHash('sha256').update(`${uid}/${index}`).digest();
  return Array.from(
    hash.subarray(0, suffixLength),
    (byte) => alphabet[byte % alphabet.length],
  ).join('');
}
