/** Waits for all, at most `concurrency` at a time (upstream: `workqueue.ParallelizeUntil`). */
export async function forEachOf<T>(
  items: Iterable<T>,
  concurrency: number,
  action: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await action(next.value);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
