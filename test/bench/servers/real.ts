import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { startControlPlane, stopControlPlane } from '#kubernetes/control-plane.ts';
import { accessIn } from '#kubernetes/credentials.ts';
import { stateFolder } from '#kubernetes/state.ts';
import { admitsPods, createServiceAccount } from '#test/helpers/real/service-account.ts';
import { opened } from '../opened.ts';
import { cpuSecondsOf } from '../processes/usage.ts';
import { until, type Run } from '../run.ts';
import { countsIn, type RequestCounts } from './request-counts.ts';
import { install, newClient, type Server } from './server.ts';

interface RealServerOptions {
  /** With controller manager and scheduler. */
  isFull: boolean;
}

/** A real kube-apiserver of its own. */
export function startRealServer(run: Run, { isFull }: RealServerOptions): Promise<Server> {
  return opened(async (stack) => {
    const { clock, signal, binaries } = run;
    run.say(`a real API server${isFull ? ', controller manager and scheduler' : ''}`);
    const parent = stateFolder(process.env);
    const state = await startControlPlane({ binaries, parent, isFull, port: 0, clock, signal });
    stack.defer(() => stopControlPlane(state, clock));
    const { kubeconfig } = state;
    const client = await newClient(run, kubeconfig, stack);
    await install(run, client);
    if (isFull) {
      await createServiceAccount(client);
      await until(run, 'Pods are admitted', () => admitsPods(client));
    }
    const requestCounts = await counter(kubeconfig, stack);
    const cpuSeconds = (): Promise<number> => cpuSecondsOf(state.processes.map(({ pid }) => pid));
    return { name: 'kube-apiserver', kubeconfig, client, cpuSeconds, requestCounts };
  });
}

/** Reads the API server's own metrics; it counts a watch when it ends. */
async function counter(
  kubeconfig: string,
  stack: AsyncDisposableStack,
): Promise<() => Promise<RequestCounts>> {
  const { url, token, authority } = accessIn(await readFile(kubeconfig, 'utf8'));
  const dispatcher = new Agent({ connect: { ca: authority } });
  stack.defer(() => dispatcher.destroy());
  const headers = { authorization: `Bearer ${token}` };
  return async () => {
    const { body } = await request(`${url}/metrics`, { dispatcher, headers });
    return countsIn(await body.text(), 'apiserver_request_total', nameOf);
  };
}

function nameOf(labels: Readonly<Record<string, string>>): string {
  const { verb = '', resource = '', subresource = '' } = labels;
  return `${verb} ${subresource === '' ? resource : `${resource}/${subresource}`}`;
}
