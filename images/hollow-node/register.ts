import type { Node } from '#api/core.ts';
import { nodes } from '#api/core.ts';
import type { ConditionValue } from '#api/faults/conditions.ts';
import { timestamp } from '#api/timestamp.ts';
import { ifFound, isAlreadyExists } from '#runtime/client/errors.ts';
import { desiredConditions } from './conditions.ts';
import type { Kubelet } from './kubelet.ts';
import { newBackoff, requestTimeout } from './kubelet.ts';
import { newNode, nodeFacts, withTimes } from './node.ts';

export interface Registration {
  readonly node: Node;
  /** The conditions it was created with; absent: the Node existed, its status is an earlier run's. */
  readonly written?: readonly ConditionValue[];
}

/**
 * Creates the Node with the status it has now, so that its first write is its only one; adopts a Node
 * that exists. Tries for ever, as a kubelet does.
 */
export async function register(kubelet: Kubelet, signal: AbortSignal): Promise<Registration> {
  const { clock, log } = kubelet;
  const backoff = newBackoff(kubelet);
  for (;;) {
    try {
      const created = await create(kubelet, signal);
      if (created !== undefined) {
        log.info('Registered the node');
        return created;
      }
      const found = await find(kubelet, signal);
      if (found !== undefined) {
        log.info('Adopting the node that exists');
        return { node: found };
      }
    } catch (error) {
      if (signal.aborted) throw error;
      log.error('Failed to register the node', error);
    }
    await clock.sleep(backoff.next(), signal);
  }
}

/** `undefined` when there is one already. */
async function create(
  { client, clock, options, faults, address }: Kubelet,
  signal: AbortSignal,
): Promise<Registration | undefined> {
  const written = desiredConditions(faults);
  const conditions = withTimes(written, [], timestamp(clock.now()));
  const { providerID = options.providerID } = faults.now();
  const node = newNode({ ...options, providerID }, nodeFacts(options, address), conditions);
  try {
    return { node: await client.create(nodes, node, { signal, timeout: requestTimeout }), written };
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    throw error;
  }
}

function find({ client, options }: Kubelet, signal: AbortSignal): Promise<Node | undefined> {
  const key = { namespace: '', name: options.name };
  return ifFound(client.get(nodes, key, { signal, timeout: requestTimeout }));
}
