import type { Flag, FlagTable, Program } from './flags.ts';

/** Values that pflag does not mention as a default. */
const unremarkable = new Set(['', '0', '0s', 'false', 'undefined']);

/** The text of `--help`: the flags in alphabetic order and aligned, as pflag prints them. */
export function usage(program: Program<FlagTable>): string {
  const rows = Object.entries(program.flags)
    .filter(([, flag]) => flag.hidden !== true)
    .map(([name, flag]) => ({ name, left: left(name, flag), right: right(flag) }));
  rows.push({ name: 'help', left: '  -h, --help', right: `help for ${program.name}` });
  rows.sort((one, other) => (one.name < other.name ? -1 : 1));

  const width = Math.max(...rows.map((row) => row.left.length)) + 3;
  const lines = rows.map((row) => row.left.padEnd(width) + row.right);
  return [
    program.description,
    '',
    'Usage:',
    `  ${program.name} [flags]`,
    '',
    'Flags:',
    ...lines,
    '',
  ].join('\n');
}

function left(name: string, flag: Flag<unknown>): string {
  const placeholder = /`(?<word>[^`]+)`/.exec(flag.help)?.groups?.['word'] ?? flag.type;
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  return `  ${short}--${name}${flag.type === 'boolean' ? '' : ` ${placeholder}`}`;
}

function right(flag: Flag<unknown>): string {
  const value = flag.format(flag.default);
  const shown = typeof flag.default === 'string' ? JSON.stringify(value) : value;
  return flag.help.replaceAll('`', '') + (unremarkable.has(value) ? '' : ` (default ${shown})`);
}
