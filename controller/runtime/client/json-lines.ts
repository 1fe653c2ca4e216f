const newline = 0x0a;

/**
 * Parses newline-delimited JSON as it arrives. Chunks may be cut anywhere, also inside a character:
 * only whole lines are decoded. A last line without its newline was cut off and is dropped. Like
 * `JSON.parse`, it trusts the sender that a line is a `Line`.
 */
export async function* jsonLines<Line>(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let pending: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = chunk.subarray(start, end);
      start = end + 1;
      const whole = pending.length === 0 ? line : Buffer.concat([...pending, line]);
      pending = [];
      if (whole.length === 0) continue;
      const parsed: Line = JSON.parse(whole.toString('utf8'));
      yield parsed;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
}
