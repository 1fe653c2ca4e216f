import { join } from 'node:path';
import { opened } from '../opened.ts';
import { Child } from '../processes/child.ts';
import { cpuSecondsOf } from '../processes/usage.ts';
import { scriptOf } from '../processes/scripts.ts';
import { until, type Run } from '../run.ts';
import { install, newClient, type Server } from './server.ts';

/** `npm run local` without its manager: API server, control plane and host node in one process. */
export function startEmbeddedServer(run: Run): Promise<Server> {
  return opened(async (stack) => {
    run.say('an embedded cluster');
    const kubeconfig = join(run.folder, 'embedded.kubeconfig');
    const { env, args: first } = await scriptOf('local');
    const args = [...first, '--manager=false', `--kubeconfig=${kubeconfig}`];
    let isUp = false;
    const onLine = (): void => void (isUp = true);
    const local = { name: 'local', file: process.execPath, args, env, onLine };
    const { pid } = stack.use(await Child.start(run, local));
    await until(run, 'the embedded cluster is up', () => isUp);
    const client = await newClient(run, kubeconfig, stack);
    await install(run, client);
    return { name: 'embedded', kubeconfig, client, cpuSeconds: () => cpuSecondsOf([pid]) };
  });
}
