/**
 * The embedded cluster's host node, on any cluster: it runs Pods of the hollow node's image in this
 * process, as many as there are. Ends with its standard input.
 */
import { PodAddresses } from '#hollow-node/pod-addresses.ts';
import { runHollowNode } from '#hollow-node/hollow-node.ts';
import { hostNode } from '#local/host-node.ts';
import { ProgramRuntime } from '#local/program-runtime.ts';
import { Programs } from '#local/programs.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { loadKubeConfig } from '#runtime/client/kube-config.ts';
import { realClock } from '#runtime/clock.ts';
import { createLogger } from '#runtime/json-logger.ts';

const [path = ''] = process.argv.slice(2);
const config = await loadKubeConfig({ path });
const clock = realClock;
const log = createLogger();
const newClient = (userAgent: string): KubeClient => new KubeClient({ config, clock, userAgent });
const programs = new Programs({ client: newClient('hollow-kubelet'), clock, log });
const runtime = new ProgramRuntime({ programs, clock, addresses: new PodAddresses(hostNode.name) });

process.stdin.resume().once('end', () => process.exit(0));
await runHollowNode({
  options: hostNode,
  client: newClient('kubelet'),
  clock,
  log,
  signal: new AbortController().signal, // the end of the process ends it
  address: '127.0.0.1',
  runtime,
});
