/**
 * Command lines as pflag and cobra read them, so that our programs take the arguments that the Go
 * programs they replace took: `--a=b`, `--a b`, `--a` and `--a=false` for booleans, `_` for `-`.
 */
import { parseArgs } from 'node:util';
import { formatDuration, parseDuration } from '#api/duration.ts';
import { quote } from '#api/quote.ts';

/** One flag: made by the functions below, or by hand for a type of its own. */
export interface Flag<Value> {
  readonly default: Value;
  /** One line for `--help`; a `backquoted` word names the value there. */
  readonly help: string;
  /** Accepted, but not shown by `--help`. */
  readonly hidden?: boolean;
  /** A single letter, as in `-v`. */
  readonly short?: string;
  /** What `--help` calls the value. `boolean`: a value may only follow a `=`. */
  readonly type: string;
  /** Throws an Error that says what is wrong with `text`. `previous`: from an earlier occurrence. */
  parse(text: string, previous: Value | undefined): Value;
  /** For `--help`. */
  format(value: Value): string;
}

export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer Value> ? Value : never;
};

export interface Program<Table extends FlagTable> {
  readonly name: string;
  /** What it does, for the top of `--help`. */
  readonly description: string;
  readonly flags: Table;
  /** Other names of flags. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Flags of older versions: accepted and without effect, whatever their value. */
  readonly ignored?: { readonly boolean: readonly string[]; readonly value: readonly string[] };
}

/** The command line cannot be understood; `message` is one line in pflag's wording. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

type Common = Pick<Flag<unknown>, 'help' | 'hidden' | 'short'>;
type Options<Value, Default> = Common & { default: Value | Default };

/** `check` throws an Error that says what is wrong with a text. */
export function stringFlag<Default = string>({
  check = () => {},
  ...options
}: Options<string, Default> & { check?: (text: string) => unknown }): Flag<string | Default> {
  const parse = (text: string): string => {
    check(text);
    return text;
  };
  return { ...options, type: 'string', parse, format: String };
}

/** For `check`: what does not match the pattern is told what is wanted. */
export function matching(pattern: string, want: string): (text: string) => void {
  const expression = new RegExp(pattern);
  return (text) => {
    if (!expression.test(text)) throw new Error(`want ${want}`);
  };
}

/** Takes the spellings of Go's `strconv.ParseBool`. */
export function booleanFlag(options: Options<boolean, boolean>): Flag<boolean> {
  return { ...options, type: 'boolean', parse: parseBoolean, format: String };
}

/** A decimal integer between `min` and `max`, both included. */
export function integerFlag<Default = number>(
  options: Options<number, Default> & { min?: number; max?: number },
): Flag<number | Default> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, ...common } = options;
  return { ...common, type: 'int', parse: (text) => parseInteger(text, min, max), format: String };
}

/** Milliseconds, written as Go durations; at least `min`. */
export function durationFlag<Default = number>({
  min = 0,
  ...options
}: Options<number, Default> & { min?: number }): Flag<number | Default> {
  return {
    ...options,
    type: 'duration',
    parse: (text) => {
      const duration = parseDuration(text);
      if (duration >= min) return duration;
      throw new Error(`want a duration of at least ${formatDuration(min)}`);
    },
    format: (value) => (typeof value === 'number' ? formatDuration(value) : String(value)),
  };
}

/** `a,b`; may be given several times. */
export function listFlag(options: Options<readonly string[], never>): Flag<readonly string[]> {
  return {
    ...options,
    type: 'strings',
    parse: (text, previous = []) => [...previous, ...splitList(text)],
    format: (value) => value.join(','),
  };
}

/** `key=value,key=value`; may be given several times. A key alone has the value `''`, as kubelet flags. */
export function mapFlag(
  options: Options<Readonly<Record<string, string>>, never>,
): Flag<Readonly<Record<string, string>>> {
  return {
    ...options,
    type: 'mapStringString',
    parse: (text, previous = {}) => ({
      ...previous,
      ...Object.fromEntries(splitList(text).map(splitPair)),
    }),
    format: (value) =>
      Object.entries(value)
        .map((pair) => pair.join('='))
        .join(','),
  };
}

/**
 * The values of all flags; `'help'` when `--help` or `-h` stands before any mistake. An empty
 * argument is ignored: callers that build command lines leave some behind.
 *
 * @throws FlagError
 */
export function parseFlags<Table extends FlagTable>(
  program: Program<Table>,
  args: readonly string[],
): FlagValues<Table> | 'help' {
  const syntax = syntaxOf(program);
  const found = new Map<string, unknown>();
  for (const token of tokenize(syntax, args)) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      if (token.value === '') continue;
      throw new FlagError(
        `${quote(program.name)} does not take any arguments, got ${quote(token.value)}`,
      );
    }
    if (token.name === 'help' || token.name === 'h') return 'help';
    const text = valueOf(token, args, syntax.get(token.name)?.type);
    const name = program.aliases?.[token.name] ?? token.name;
    const flag = program.flags[name];
    if (flag !== undefined) found.set(name, parseValue(flag, token.name, text, found.get(name)));
  }
  const defaults = Object.entries(program.flags).map(([name, flag]) => [name, flag.default]);
  return { ...Object.fromEntries(defaults), ...Object.fromEntries(found) };
}

/** The same program, where an empty command line means something else. */
export function withDefaults<Table extends FlagTable>(
  program: Program<Table>,
  defaults: Partial<FlagValues<Table>>,
): Program<Table> {
  const values = new Map<string, unknown>(Object.entries(defaults));
  const flags = Object.entries(program.flags).map(([name, flag]) => [
    name,
    values.has(name) ? { ...flag, default: values.get(name) } : flag,
  ]);
  return { ...program, flags: Object.fromEntries(flags) };
}

/** The values of an empty command line. */
export function defaultValues<Table extends FlagTable>(program: Program<Table>): FlagValues<Table> {
  const values = parseFlags(program, []);
  if (values === 'help') throw new Error('an empty command line does not ask for help');
  return values;
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

interface Syntax {
  type: 'boolean' | 'string';
  short?: string;
}

/** How each known flag is written, which is all that finding the flags takes. */
function syntaxOf({ flags, aliases = {}, ignored }: Program<FlagTable>): Map<string, Syntax> {
  const syntax = new Map<string, Syntax>();
  for (const name of ignored?.boolean ?? []) syntax.set(name, { type: 'boolean' });
  for (const name of ignored?.value ?? []) syntax.set(name, { type: 'string' });
  for (const [name, { type, short }] of Object.entries(flags)) {
    syntax.set(name, {
      type: type === 'boolean' ? 'boolean' : 'string',
      ...(short !== undefined && { short }),
    });
  }
  for (const [alias, name] of Object.entries(aliases)) {
    syntax.set(alias, { type: syntax.get(name)?.type ?? 'string' });
  }
  return syntax;
}

function tokenize(syntax: Map<string, Syntax>, args: readonly string[]): Token[] {
  const { tokens } = parseArgs({
    args: args.map(withDashes),
    options: Object.fromEntries(syntax),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  return tokens;
}

/** Only names are normalised: values are read from the original arguments. */
function withDashes(argument: string): string {
  if (!argument.startsWith('--')) return argument;
  const [name = ''] = argument.split('=', 1);
  return name.replaceAll('_', '-') + argument.slice(name.length);
}

function valueOf(token: OptionToken, args: readonly string[], type?: Syntax['type']): string {
  const isShort = !token.rawName.startsWith('--');
  const where = isShort ? `in -${args[token.index]?.slice(1)}` : '';
  if (type === undefined) {
    const name = isShort ? `shorthand flag: '${token.name}' ${where}` : `flag: ${token.rawName}`;
    throw new FlagError(`unknown ${name}`);
  }
  if (token.inlineValue === true) return isShort ? token.value.replace(/^=/, '') : token.value;
  if (type === 'boolean') return 'true';
  const value = token.inlineValue === false ? args[token.index + 1] : undefined;
  if (value !== undefined) return value;
  const name = isShort ? `'${token.name}' ${where}` : token.rawName;
  throw new FlagError(`flag needs an argument: ${name}`);
}

function parseValue(flag: Flag<unknown>, name: string, text: string, previous: unknown): unknown {
  try {
    return flag.parse(text, previous);
  } catch (error) {
    const names = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FlagError(`invalid argument ${quote(text)} for "${names}" flag: ${reason}`, {
      cause: error,
    });
  }
}

function parseBoolean(text: string): boolean {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new Error('want true or false');
}

function parseInteger(text: string, min: number, max: number): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error('want an integer');
  const value = Number(text);
  if (value >= min && value <= max) return value;
  throw new Error(`want an integer from ${min} to ${max}`);
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function splitPair(item: string): [key: string, value: string] {
  const at = item.indexOf('=');
  return at < 0 ? [item, ''] : [item.slice(0, at).trim(), item.slice(at + 1).trim()];
}
