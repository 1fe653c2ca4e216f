/**
 * Runs tasks side by side until all have ended, each with a signal of its own. The first that fails
 * aborts the others, and what it failed with is thrown once they have ended too. When `signal` aborts
 * nothing is thrown: what a task says while it is being stopped is no news.
 */
export async function together(
  signal: AbortSignal,
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const guarded = tasks.map(async (task) => {
    try {
      await task(stop);
    } catch (error) {
      failed.abort(error);
    }
  });
  await Promise.all(guarded);
  if (failed.signal.aborted && !signal.aborted) throw failed.signal.reason;
}
