import type { Lease } from '#api/core.ts';
import { leases } from '#api/core.ts';
import { microTimestamp } from '#api/timestamp.ts';
import { ifFound, isAlreadyExists, isConflict } from '#runtime/client/errors.ts';
import type { Kubelet } from './kubelet.ts';
import { newBackoff, requestTimeout } from './kubelet.ts';
import type { NodeIdentity } from './own-node.ts';
import { NodeGoneError, readNode } from './own-node.ts';
import { Wakeup } from './wakeup.ts';

const namespace = 'kube-node-lease';

/** Renewals within one lease duration, as a kubelet's. */
const renewalsPerLease = 4;

/** The lease as it is written; `stored` absent: a new one. */
function desiredLease(
  { name, uid }: NodeIdentity,
  leaseDuration: number,
  now: number,
  stored?: Lease,
): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      ...(stored?.metadata ?? { name, namespace }),
      // Deletes the lease with the Node.
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: {
      ...stored?.spec,
      holderIdentity: name,
      leaseDurationSeconds: leaseDuration / 1000,
      renewTime: microTimestamp(now),
    },
  };
}

/**
 * Renews the node's lease until the Node is gone: rejects with `NodeGoneError` then, or when `signal`
 * aborts. One PUT per renewal, from the version known; only after a failure is the lease read again.
 *
 * @param mayExist the node ran before: its lease is read first
 */
export async function renewLease(
  kubelet: Kubelet,
  identity: NodeIdentity,
  signal: AbortSignal,
  mayExist: boolean,
): Promise<void> {
  const { clock, log, options } = kubelet;
  const backoff = newBackoff(kubelet);
  let stored: Lease | undefined;
  let isStale = mayExist;
  for (;;) {
    const due = clock.monotonic() + options.leaseDuration / renewalsPerLease;
    try {
      if (isStale) stored = await findLease(kubelet, identity, signal);
      stored = await writeLease(kubelet, identity, stored, signal);
      isStale = false;
      backoff.reset();
      await renewalDue(kubelet, due, signal);
    } catch (error) {
      if (signal.aborted || error instanceof NodeGoneError) throw error;
      if (!isAlreadyExists(error) && !isConflict(error))
        log.error('Failed to renew the lease', error);
      isStale = true;
      await clock.sleep(backoff.next(), signal);
    }
  }
}

/** Resolves at the time at which it is due, or as much later as a slow heartbeat is then. */
async function renewalDue({ clock, faults }: Kubelet, due: number, signal: AbortSignal) {
  await clock.sleep(due - clock.monotonic(), signal);
  const wakeup = new Wakeup();
  using _ = faults.wakes(wakeup);
  for (;;) {
    const { heartbeatDelay, untilChange } = faults.now();
    const late = due + heartbeatDelay - clock.monotonic();
    if (late <= 0) return;
    await wakeup.wait(clock, Math.min(late, untilChange), signal);
  }
}

function writeLease(
  { client, clock, options }: Kubelet,
  identity: NodeIdentity,
  stored: Lease | undefined,
  signal: AbortSignal,
): Promise<Lease> {
  const lease = desiredLease(identity, options.leaseDuration, clock.now(), stored);
  const requestOptions = { signal, timeout: requestTimeout };
  return stored === undefined
    ? client.create(leases, lease, requestOptions)
    : client.update(leases, lease, requestOptions);
}

/** A lease that is gone was deleted with our Node, unless the Node still exists. */
async function findLease(
  kubelet: Kubelet,
  identity: NodeIdentity,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  const key = { namespace, name: identity.name };
  const lease = await ifFound(kubelet.client.get(leases, key, { signal, timeout: requestTimeout }));
  if (lease === undefined) await readNode(kubelet, identity, signal);
  return lease;
}
