import { readFile } from 'node:fs/promises';

/** The folder of the project: where its programs are started. */
export const root = new URL('../../../', import.meta.url);

/** What `npm run NAME` gives to Node.js, so that programs run as users run them. */
export async function scriptArguments(name: string): Promise<string[]> {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    await readFile(new URL('package.json', root), 'utf8'),
  );
  const prefix = 'exec node ';
  const script = scripts[name] ?? '';
  if (!script.startsWith(prefix)) throw new Error(`package.json: no "${prefix}…" for ${name}`);
  return script.slice(prefix.length).split(' ');
}
