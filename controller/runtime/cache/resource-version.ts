/**
 * Orders two versions of objects of one kind: negative when `one` is older. They are decimal numbers of
 * any length (KEP-5504); an absent one is the oldest.
 */
export function compareVersions(one: string | undefined, other: string | undefined): number {
  const [left, right] = [one ?? '', other ?? ''];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : Number(left > right);
}
