/** Milliseconds until something must have come true, on a busy machine. */
const patience = 60_000;

/** Waits until `check` gives something. It looks at what is in memory, often. */
export async function eventually<T>(what: string, check: () => T | undefined | false): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    const result = check();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
    await pause(0.02);
  }
}

export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
