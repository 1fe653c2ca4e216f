/**
 * What `open` gives, which takes with it all that was opened on the way: when it is disposed of, in
 * reverse order, or at once when `open` fails.
 */
export async function opened<Value extends object>(
  open: (stack: AsyncDisposableStack) => Promise<Value>,
): Promise<Value & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const value = await open(stack);
  const rest = stack.move();
  return { ...value, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}
