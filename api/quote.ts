const longest = 64;

/** Found text as messages show it: quoted, escaped, and cut so that garbage stays one short line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);
}
