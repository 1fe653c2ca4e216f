import type { Pod } from '#api/core.ts';
import type { PodAddresses } from '#hollow-node/pod-addresses.ts';
import type { ContainerStatus, PodReport, PodRuntime } from '#hollow-node/pod-runtime.ts';
import type { Clock } from '#runtime/clock.ts';
import { ProgramContainer } from './program-container.ts';
import type { Programs } from './programs.ts';

export interface ProgramRuntimeOptions {
  programs: Programs;
  clock: Clock;
  addresses: PodAddresses;
}

interface RunningPod {
  podIP: string;
  containers: ProgramContainer[];
}

/** Runs the containers of Pods whose images it knows as programs in this process. */
export class ProgramRuntime implements PodRuntime {
  readonly #options: ProgramRuntimeOptions;
  readonly #pods = new Map<string, RunningPod>();

  constructor(options: ProgramRuntimeOptions) {
    this.#options = options;
  }

  start(pod: Pod, report: (report: PodReport) => void): void {
    const { programs, clock, addresses } = this.#options;
    const podIP = addresses.allocate();
    const restartPolicy = pod.spec?.restartPolicy ?? 'Always';
    const changed = (): void => report(this.#report(running));
    const running: RunningPod = {
      podIP,
      containers: (pod.spec?.containers ?? []).map(
        (container) =>
          new ProgramContainer({
            container,
            env: environment(pod, container, podIP),
            program: programs.find(container.image ?? ''),
            restartPolicy,
            clock,
            changed,
          }),
      ),
    };
    this.#pods.set(pod.metadata.uid ?? '', running);
    for (const container of running.containers) container.start();
    changed();
  }

  async stop(pod: Pod): Promise<PodReport> {
    const uid = pod.metadata.uid ?? '';
    const running = this.#pods.get(uid);
    if (running === undefined) return { containers: [] };
    this.#pods.delete(uid);
    await Promise.all(running.containers.map((container) => container.stop()));
    this.#options.addresses.release(running.podIP);
    return this.#report(running);
  }

  /** Ends everything, as a machine that is switched off. */
  async stopAll(): Promise<void> {
    const containers = [...this.#pods.values()].flatMap((pod) => pod.containers);
    this.#pods.clear();
    await Promise.all(containers.map((container) => container.stop()));
  }

  #report({ podIP, containers }: RunningPod): PodReport {
    const statuses: ContainerStatus[] = containers.map((container) => container.status);
    return { podIP, containers: statuses };
  }
}

type Container = NonNullable<Pod['spec']>['containers'][number];

/** The variables of a container; those taken from the Pod's own fields are filled in. */
function environment(pod: Pod, { env = [] }: Container, podIP: string): Record<string, string> {
  const fields: Record<string, string | undefined> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
    'spec.nodeName': pod.spec?.nodeName,
    'status.podIP': podIP,
  };
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [
      name,
      value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ''] ?? '',
    ]),
  );
}
