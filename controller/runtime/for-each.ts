/**
 * Waits for all, at most `concurrency` at a time. After a failure no further one is begun.
 *
 * @throws the first failure, when all that had begun have ended.
 */
export async function forEachOf<T>(
  items: Iterable<T>,
  concurrency: number,
  action: (item: T) => Promise<void>,
): Promise<void> {
  const queue = drain(items);
  const work = async (): Promise<void> => {
    // The workers share the queue; leaving the loop by a failure closes it for all.
    for (const item of queue) await action(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: concurrency }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function* drain<T>(items: Iterable<T>): Generator<T, void> {
  yield* items;
}
