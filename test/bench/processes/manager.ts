import { hollowNodeImage } from '#local/programs.ts';
import { opened } from '../opened.ts';
import { until, type Run } from '../run.ts';
import { countsIn, total, type RequestCounts } from '../servers/request-counts.ts';
import type { Server } from '../servers/server.ts';
import { Child } from './child.ts';
import { freePorts } from './ports.ts';
import { scriptOf } from './scripts.ts';

/** The manager as a process, as `npm run manager` starts it. */
export interface ManagerProcess extends AsyncDisposable {
  readonly process: Child;
  /** By method; watches count when they begin. */
  requestCounts(this: void): Promise<RequestCounts>;
}

/** @param flags besides the usual ones */
export function startManager(
  run: Run,
  { kubeconfig }: Server,
  flags: readonly string[] = [],
): Promise<ManagerProcess> {
  return opened(async (stack) => {
    const [port] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const { env, args: first } = await scriptOf('manager');
    const args = [
      ...first,
      `--kubeconfig=${kubeconfig}`,
      `--hollow-node-image=${hollowNodeImage}`,
      `--health-addr=${address}`,
      `--metrics-addr=${address}`,
      ...flags,
    ];
    const manager = { name: 'manager', file: process.execPath, args, env };
    const child = stack.use(await Child.start(run, manager));
    const isReady = async (): Promise<boolean> => {
      const answer = await fetch(`http://${address}/readyz`).catch(() => undefined);
      return answer?.ok === true;
    };
    await until(run, 'the manager is ready', isReady);
    const requestCounts = async (): Promise<RequestCounts> => {
      const metrics = await fetch(`http://${address}/metrics`);
      const text = await metrics.text();
      return countsIn(text, 'rest_client_requests_total', ({ method = '' }) => method);
    };
    return { process: child, requestCounts };
  });
}

/** Milliseconds without a request after which a manager is taken to have nothing to do. */
const quiet = 3_000;

export async function untilQuiet(run: Run, manager: ManagerProcess): Promise<void> {
  const { clock } = run;
  let seen = -1;
  let since = clock.monotonic();
  const isQuiet = async (): Promise<boolean> => {
    const count = total(await manager.requestCounts());
    if (count !== seen) since = clock.monotonic();
    seen = count;
    return clock.monotonic() - since >= quiet;
  };
  await until(run, 'the manager is quiet', isQuiet, { pause: 250 });
}
