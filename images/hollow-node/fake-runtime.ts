import type { Pod } from '#api/core.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Clock } from '#runtime/clock.ts';
import type { PodAddresses } from './pod-addresses.ts';
import type { ContainerStatus, PodReport, PodRuntime } from './pod-runtime.ts';

type Container = NonNullable<Pod['spec']>['containers'][number];

/**
 * Containers that exist only in the Pod's status, as kubemark's: they start at once, never exit, and
 * stop at once when told to. Init containers have done their work as soon as they start.
 */
export class FakeRuntime implements PodRuntime {
  readonly #clock: Clock;
  readonly #addresses: PodAddresses;
  readonly #running = new Map<string, PodReport>();

  constructor({ clock, addresses }: { clock: Clock; addresses: PodAddresses }) {
    this.#clock = clock;
    this.#addresses = addresses;
  }

  start(pod: Pod, report: (report: PodReport) => void): void {
    const now = timestamp(this.#clock.now());
    const { containers = [], initContainers = [] } = pod.spec ?? {};
    const started: PodReport = {
      podIP: this.#addressOf(pod),
      containers: containers.map(
        (container) => earlier(pod, container) ?? running(pod, container, now),
      ),
      initContainers: initContainers.map(
        (container) =>
          earlier(pod, container) ??
          (container.restartPolicy === 'Always'
            ? running(pod, container, now)
            : exited(running(pod, container, now), now, true)),
      ),
    };
    this.#running.set(pod.metadata.uid ?? '', started);
    report(started);
  }

  stop(pod: Pod): Promise<PodReport> {
    const uid = pod.metadata.uid ?? '';
    const report = this.#running.get(uid) ?? { containers: [] };
    this.#running.delete(uid);
    if (report.podIP !== undefined) this.#addresses.release(report.podIP);
    const now = timestamp(this.#clock.now());
    return Promise.resolve({
      ...report,
      containers: report.containers.map((status) => exited(status, now)),
      ...(report.initContainers && {
        initContainers: report.initContainers.map((status) => exited(status, now)),
      }),
    });
  }

  /** A Pod keeps its address when the node restarts. */
  #addressOf(pod: Pod): string {
    const address = pod.status?.podIP;
    const isOurs = address !== undefined && pod.spec?.hostNetwork !== true;
    return isOurs && this.#addresses.claim(address) ? address : this.#addresses.allocate();
  }
}

/** The status from before this process, if the container was started then. */
function earlier({ status }: Pod, { name }: Container): ContainerStatus | undefined {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return all.find((one) => one.name === name && one.state?.waiting === undefined);
}

function running(pod: Pod, { name, image = '' }: Container, now: string): ContainerStatus {
  const fullImage = withTag(image);
  const { name: podName, namespace, uid } = pod.metadata;
  return {
    name,
    image: fullImage,
    imageID: fullImage,
    containerID: `fakeRuntime://${podName}_${namespace}_${uid}_0_${name}_0`,
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: now } },
  };
}

/** The name under which a runtime has the image. A registry's port is no tag. */
function withTag(image: string): string {
  const [, last = image] = /([^/]*)$/.exec(image) ?? [];
  return last === '' || /[:@]/.test(last) ? image : `${image}:latest`;
}

/** @param isInit such a container is ready when it has done its work, others while they run */
function exited(status: ContainerStatus, now: string, isInit = false): ContainerStatus {
  if (status.state?.terminated !== undefined) return status;
  const { containerID } = status;
  const startedAt = status.state?.running?.startedAt ?? now;
  return {
    ...status,
    ready: isInit,
    started: false,
    state: {
      terminated: {
        exitCode: 0,
        reason: 'Completed',
        startedAt,
        finishedAt: now,
        ...(containerID !== undefined && { containerID }),
      },
    },
  };
}
