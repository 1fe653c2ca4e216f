import type { Pod } from '#api/core.ts';
import { pods } from '#api/core.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Client, DeleteOptions } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { uidOf } from '../objects/metadata.ts';

export interface Disruption {
  /** Of the condition `DisruptionTarget`. */
  reason: string;
  message: string;
  /** The phase to leave the Pod in; absent: as it is. */
  phase?: 'Failed';
  gracePeriodSeconds?: number;
}

/** Deletes a Pod for the cluster's sake and says why in its status. A Pod that is gone is fine. */
export async function disruptPod(
  { client, clock, signal }: { client: Client; clock: Clock; signal: AbortSignal },
  pod: Pod,
  { reason, message, phase, gracePeriodSeconds }: Disruption,
): Promise<void> {
  const uid = uidOf(pod);
  const lastTransitionTime = timestamp(clock.now());
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason,
    message,
    lastTransitionTime,
  };
  const status = { conditions: [condition], ...(phase && { phase }) };
  const deletion: DeleteOptions = {
    preconditions: { uid },
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
  };
  const options = { subresource: 'status', type: 'strategic', signal } as const;
  await ifFound(client.patch(pods, keyOf(pod), { metadata: { uid }, status }, options));
  await ifFound(client.delete(pods, keyOf(pod), { ...deletion, signal }));
}
