import { readFile } from 'node:fs/promises';

/** The folder of the project: where its programs are started. */
export const root = new URL('../../../', import.meta.url);

export interface Script {
  env: NodeJS.ProcessEnv;
  args: string[];
}

/** How `npm run NAME` starts Node.js, so that programs run as users run them. */
export async function scriptOf(name: string): Promise<Script> {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    await readFile(new URL('package.json', root), 'utf8'),
  );
  const found = /^(?<variables>(?:\w+=\S+ )*)exec node (?<args>.+)$/.exec(scripts[name] ?? '');
  if (found === null) throw new Error(`package.json: ${name} is not "[NAME=value] exec node …"`);
  const { variables = '', args = '' } = found.groups ?? {};
  const pairs = variables.trim().split(' ').filter(Boolean);
  return {
    env: { ...process.env, ...Object.fromEntries(pairs.map((pair) => pair.split('=', 2))) },
    args: args.split(' '),
  };
}
