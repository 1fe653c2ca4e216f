/**
 * Faults as people type them, in an annotation or on a command line:
 *
 *     NotReady after 40s for 5s every 45s; Condition MemoryPressure for 1m; APIErrors 20% for 30s code=503
 *
 * or as the JSON of a list of `FaultSpec`.
 */
import { quote } from '../quote.ts';
import { ConfigurationError } from '../configuration-error.ts';

/** Words that are followed by a value. */
const words = new Map([
  ['after', 'after'],
  ['for', 'duration'],
  ['every', 'period'],
  ['jitter', 'jitter'],
  ['seed', 'seed'],
]);

const conditionFields = ['status', 'reason', 'message'];

/**
 * What was written, for `checkFaults`, which judges it.
 *
 * @throws ConfigurationError when it is neither JSON nor words
 */
export function parseFaultText(text: string): unknown[] {
  const trimmed = text.trim();
  if (trimmed.startsWith('[') || trimmed.startsWith('{')) return parseJSON(trimmed);
  return trimmed
    .split(';')
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '')
    .map(parsePhrase);
}

function parseJSON(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    throw new ConfigurationError(`${quote(text)} is not JSON`);
  }
}

function parsePhrase(phrase: string): object {
  const [type = '', ...rest] = phrase.split(/\s+/);
  const fault = new Map<string, unknown>([['type', type]]);
  const condition = new Map<string, unknown>();
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? '';
    const field = words.get(word);
    const [name, value] = field === undefined ? short(word, type) : [field, rest[++index] ?? ''];
    if (name === undefined) throw new ConfigurationError(unknownWord(word, phrase));
    const isOfCondition =
      type === 'Condition' && (name === 'condition' || conditionFields.includes(name));
    const [target, key] = isOfCondition
      ? [condition, name === 'condition' ? 'type' : name]
      : [fault, name];
    if (target.has(key)) throw new ConfigurationError(secondWord(word, phrase));
    target.set(key, isOfCondition ? value : typed(name, value));
  }
  if (condition.size > 0) fault.set('condition', Object.fromEntries(condition));
  return Object.fromEntries(fault);
}

/** `20%`, `code=503`, and for a Condition its type, `MemoryPressure`. */
function short(word: string, type: string): [name: string | undefined, value: string] {
  if (word.endsWith('%')) return ['percent', word.slice(0, -1)];
  const [name = '', ...value] = word.split('=');
  if (value.length > 0) return [name, value.join('=')];
  return [type === 'Condition' ? 'condition' : undefined, word];
}

function typed(name: string, value: string): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  const isNumber = ['seed', 'percent', 'code'].includes(name) && /^\d+$/.test(value);
  return isNumber ? Number(value) : value;
}

function unknownWord(word: string, phrase: string): string {
  return `${quote(phrase)}: ${quote(word)} is not understood (want e.g. "NotReady after 40s for 5s")`;
}

function secondWord(word: string, phrase: string): string {
  return `${quote(phrase)}: ${quote(word)} says again what was said before (want each once, and texts with spaces in JSON)`;
}
