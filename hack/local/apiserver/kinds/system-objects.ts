import { timestamp } from '#api/timestamp.ts';
import { randomUUID } from 'node:crypto';
import type { ApiObject } from '../object.ts';
import type { Registry } from '../registry.ts';
import { namespaceStrategy, systemNamespaces } from './namespace.ts';

/** What every cluster has before anyone uses it. */
export function createSystemObjects(registry: Registry): void {
  const metadata = (name: string): ApiObject['metadata'] => ({
    name,
    uid: randomUUID(),
    creationTimestamp: timestamp(registry.clock.now()),
  });
  for (const name of systemNamespaces) {
    const namespace: ApiObject = { kind: 'Namespace', apiVersion: 'v1', metadata: metadata(name) };
    namespaceStrategy.prepareForCreate(namespace, registry);
    registry.store('', 'namespaces').put(namespace);
  }
  for (const [name, value, component] of [
    ['system-cluster-critical', 2_000_000_000, 'cluster'],
    ['system-node-critical', 2_000_001_000, 'node'],
  ] as const) {
    registry.store('scheduling.k8s.io', 'priorityclasses').put({
      kind: 'PriorityClass',
      apiVersion: 'scheduling.k8s.io/v1',
      metadata: { ...metadata(name), generation: 1 },
      value,
      preemptionPolicy: 'PreemptLowerPriority',
      description: `Used for system critical pods that must run in the ${component}.`,
    });
  }
}
