import { type Node } from '#api/core.ts';
import { timestamp } from '#api/timestamp.ts';

export interface NodeOverrides {
  /** Absent: kubemark's; `''`: none. */
  providerID?: string;
  annotations?: Record<string, string>;
}

/** A Node without a kubelet, whose condition Ready has been so since a time (milliseconds since the epoch). */
export function nodeWith(
  name: string,
  ready: { status: 'False' | 'Unknown'; since: number },
  { providerID = `kubemark://${name}`, annotations = {} }: NodeOverrides = {},
): Node {
  const since = timestamp(ready.since);
  const condition = {
    type: 'Ready',
    status: ready.status,
    reason: 'Told',
    message: 'by a story',
    lastHeartbeatTime: since,
    lastTransitionTime: since,
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations },
    spec: {
      taints: [{ key: 'kubemark', value: 'true', effect: 'NoSchedule' }],
      ...(providerID !== '' && { providerID }),
    },
    status: { conditions: [condition] },
  };
}
