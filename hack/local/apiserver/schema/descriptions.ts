/** What the official client's type declarations say of built-in types, for `kubectl explain`. */
import { readFile } from 'node:fs/promises';
import { modelsUrl } from './built-in.ts';

export interface Description {
  /** Of the type itself. */
  readonly text: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly required: readonly string[];
}

const member = /\/\*\*\n((?: *\*(?!\/).*\n)+) *\*\/\n *'_?([^']+)'(\??):/g;
const type = /\/\*\*\n((?: *\*(?!\/).*\n)+) *\*\/\nexport declare class/;

const cache = new Map<string, Promise<Description>>();

/** `model` as in the client, e.g. `V1PodSpec`. */
export function describeModel(model: string): Promise<Description> {
  let description = cache.get(model);
  if (description === undefined) {
    description = read(model);
    cache.set(model, description);
  }
  return description;
}

async function read(model: string): Promise<Description> {
  const source = await readFile(new URL(`${model}.d.ts`, modelsUrl), 'utf8');
  const fields = new Map<string, string>();
  const required: string[] = [];
  for (const [, text = '', name = '', optional] of source.matchAll(member)) {
    fields.set(name, cleaned(text));
    if (optional === '') required.push(name);
  }
  return { text: cleaned(type.exec(source)?.[1] ?? ''), fields, required };
}

/** Without the stars of the comment and the generator's escapes. */
function cleaned(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^ *\* ?/, ''));
  return lines
    .join(' ')
    .replaceAll(/\\(['"])/g, '$1')
    .trim();
}
