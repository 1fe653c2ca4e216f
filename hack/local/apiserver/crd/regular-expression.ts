const compiled = new Map<string, RegExp | undefined>();

/**
 * A pattern of a schema, which is written for Go (RE2). `undefined` when JavaScript cannot
 * express it.
 */
export function compilePattern(pattern: string): RegExp | undefined {
  if (!compiled.has(pattern)) compiled.set(pattern, compile(pattern));
  return compiled.get(pattern);
}

function compile(pattern: string): RegExp | undefined {
  // Go sets flags for the whole expression where JavaScript takes them beside it.
  const [, inline = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(pattern) ?? [];
  // Without `u` JavaScript, like Go, lets punctuation be escaped that needs no escape.
  for (const flags of [`${inline}u`, inline]) {
    try {
      return new RegExp(rest, flags);
    } catch {
      // Tried with the next flags.
    }
  }
  return undefined;
}
