/** Who makes a node fail: our hollow node itself, or the proxy before a real kubemark. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFaults } from '#api/faults/read.ts';
import { runHollowNode } from '#hollow-node/hollow-node.ts';
import { hollowNodeOptions } from '#hollow-node/options.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { kubemarkFlags } from '#test/helpers/hollow-node.ts';
import type { Cluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { Program } from '../harness/program.ts';
import { takeTurn } from '../harness/turn.ts';

export interface FaultyNode {
  readonly name: string;
  /** Milliseconds since 1970: from when the faults' times are counted. */
  readonly origin: number;
  stop(this: void): Promise<void>;
}

export interface Injector {
  readonly title: string;
  /** Seconds until its nodes are Ready. */
  readonly readyAfter: number;
  start(this: void, cluster: Cluster, role: string, faults: string): Promise<FaultyNode>;
}

const root = join(import.meta.dirname, '..', '..', '..');

const hollowNode: Injector = {
  title: 'hollow node',
  readyAfter: 0,
  start: ({ client }, role, text) => {
    const name = `hollow-${role}`;
    const stop = new AbortController();
    const origin = realClock.monotonic();
    const running = runHollowNode({
      options: {
        ...hollowNodeOptions(kubemarkFlags(`--name=${name}`)),
        faults: readFaults(text, name, 'faults'),
      },
      client,
      clock: realClock,
      log: silentLogger,
      signal: stop.signal,
      address: '127.0.0.1',
      origin,
    });
    const end = (): Promise<void> => {
      stop.abort();
      return running;
    };
    return Promise.resolve({ name, origin: performance.timeOrigin + origin, stop: end });
  },
};

const faultProxy: Injector = {
  title: 'fault proxy and kubemark 1.20',
  readyAfter: 11,
  start: async ({ controlPlane, folder }, role, faults) => {
    const name = `proxied-${role}`;
    const kubeconfig = join(folder, `${name}.kubeconfig`);
    await writeFile(kubeconfig, ''); // the proxy writes it before it starts the kubelet
    await using stack = new AsyncDisposableStack();
    stack.use(await takeTurn('start-of-a-kubemark'));
    const program = new Program(
      name,
      [
        process.execPath,
        '--max-semi-space-size=1',
        join(root, 'images', 'fault-proxy', 'main.ts'),
        `--kubeconfig=${controlPlane.kubeconfig}`,
        `--kubelet-kubeconfig=${kubeconfig}`,
        `--node-name=${name}`,
        '--listen=127.0.0.1:0',
        `--faults=${faults}`,
        '--',
        join(controlPlane.binaries, 'kubemark'),
        '--morph=kubelet',
        `--name=${name}`,
        `--kubeconfig=${kubeconfig}`,
        '--kubelet-port=0',
        '--kubelet-read-only-port=0',
      ],
      folder,
    );
    const origin = await eventually(`${name} counts the time`, () => originIn(program.output));
    await eventually(`${name} has started`, () => program.output.includes('Starting kubelet main'));
    return { name, origin, stop: () => program.stop('SIGTERM') };
  },
};

function originIn(output: string): number | undefined {
  const [, time] = /"ts":"([^"]+)"[^\n]*Counting the times/.exec(output) ?? [];
  return time === undefined ? undefined : Date.parse(time);
}

export const injectors = [hollowNode, faultProxy];
