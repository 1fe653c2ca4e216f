import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accessIn } from '#kubernetes/credentials.ts';
import { RealServer } from '#test/helpers/real/server.ts';
import { opened } from '../opened.ts';
import type { Run } from '../run.ts';
import type { RequestCounts } from '../servers/request-counts.ts';
import type { Server } from '../servers/server.ts';
import { Child } from './child.ts';
import { freePorts } from './ports.ts';

/** Real kubemarks, each a process. They go through a proxy, which counts their requests. */
export interface Kubemarks extends AsyncDisposable {
  readonly processes: readonly Child[];
  /** By method; watches count when they begin. */
  requestCounts(this: void): RequestCounts;
}

export async function hasKubemark({ binaries }: Run): Promise<boolean> {
  return access(join(binaries, 'kubemark'), constants.X_OK).then(
    () => true,
    () => false,
  );
}

export function startKubemarks(
  run: Run,
  { kubeconfig }: Server,
  names: readonly string[],
): Promise<Kubemarks> {
  return opened(async (stack) => {
    const proxy = new RealServer(accessIn(await readFile(kubeconfig, 'utf8')), run.clock);
    await proxy.listen();
    stack.defer(() => proxy.close());
    const counts = new Map<string, number>();
    proxy.onRequest(({ verb }) => {
      const method = methods[verb] ?? verb;
      counts.set(method, (counts.get(method) ?? 0) + 1);
    });
    const path = join(run.folder, 'kubemark.kubeconfig');
    await writeFile(path, proxy.kubeconfig());
    const ports = await freePorts(2 * names.length);
    const processes: Child[] = [];
    for (const [index, name] of names.entries()) {
      const args = [
        '--morph=kubelet',
        `--name=${name}`,
        `--kubeconfig=${path}`,
        `--kubelet-port=${ports[2 * index]}`,
        `--kubelet-read-only-port=${ports[2 * index + 1]}`,
      ];
      const file = join(run.binaries, 'kubemark');
      // If it found iptables it would write rules for the whole machine, which stay.
      const env = { ...process.env, PATH: '' };
      processes.push(stack.use(await Child.start(run, { name: 'kubemark', file, args, env })));
    }
    return { processes, requestCounts: () => new Map(counts) };
  });
}

const methods: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};
