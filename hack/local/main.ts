/** `npm run local`: a cluster with the controller and hollow nodes, until a time or a signal. */

/** The first signal asks to stop; a second one ends the process at once. */
function stopOnSignal(): AbortController {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stop.abort());
  }
  return stop;
}

if (import.meta.main) {
  const stop = stopOnSignal();
  // Loading the rest takes a second, in which a signal shall be heard too.
  const { runCommand } = await import('./run.ts');
  process.exitCode = await runCommand(process.argv.slice(2), stop);
}
