import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { opened } from '../opened.ts';
import { Child } from '../processes/child.ts';
import { scriptArguments } from '../processes/scripts.ts';
import { until, type Run } from '../run.ts';
import { install, newClient, type Server } from './server.ts';

/** `npm run local` without its manager: API server, control plane and host node in one process. */
export function startEmbeddedServer(run: Run): Promise<Server> {
  return opened(async (stack) => {
    run.say('an embedded cluster');
    const kubeconfig = join(run.folder, 'embedded.kubeconfig');
    const args = [
      ...(await scriptArguments('local')),
      '--manager=false',
      `--kubeconfig=${kubeconfig}`,
    ];
    let isUp = false;
    const onLine = (): void => void (isUp = true);
    const local = { name: 'local', file: process.execPath, args, onLine };
    stack.use(await Child.start(run, local));
    await until(run, 'the embedded cluster is up', () => isUp);
    await readFile(kubeconfig);
    const client = await newClient(run, kubeconfig, stack);
    await install(run, client);
    return { name: 'embedded', kubeconfig, client };
  });
}
