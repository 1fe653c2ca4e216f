import type { KubernetesObject } from '#api/meta.ts';

/** What controllers need of the event recorder. */
export interface Recorder {
  event(
    object: KubernetesObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void;
}
