import type { Pod } from '#api/core.ts';

export type PodStatus = NonNullable<Pod['status']>;
export type ContainerStatus = NonNullable<PodStatus['containerStatuses']>[number];

/** What a runtime says about the containers of one Pod: all of them, in the order of the spec. */
export interface PodReport {
  /** Unique in the cluster; absent: not known yet. A Pod on the host's network has the host's instead. */
  readonly podIP?: string;
  readonly containers: readonly ContainerStatus[];
  readonly initContainers?: readonly ContainerStatus[];
}

/**
 * Runs the containers of Pods for a kubelet, which turns what it reports into the Pod's status: phase,
 * conditions and times. Restarts, pull errors and back-offs are the runtime's business; it shows them in
 * the container statuses (`waiting.reason` `ErrImagePull`, `restartCount`, `lastState`, …).
 */
export interface PodRuntime {
  /**
   * Called once per Pod. `report` may be called at once, and again whenever something changes. A Pod
   * whose status is `Running` was started by an earlier run of this node.
   */
  start(pod: Pod, report: (report: PodReport) => void): void;
  /**
   * Ends what `start` started, within `metadata.deletionGracePeriodSeconds` when the Pod has it, and
   * forgets the Pod. Resolves with the last statuses, all of them terminated.
   */
  stop(pod: Pod): Promise<PodReport>;
}
