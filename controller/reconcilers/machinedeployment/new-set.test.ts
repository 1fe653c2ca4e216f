import test from 'ava';
import {
  machineDeployments,
  type MachineDeployment,
} from '#api/machine/v1beta1/machine-deployment.ts';
import { machineSets, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { Informer } from '#runtime/cache/informer.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { Ownership } from '#runtime/ownership.ts';
import { MemoryClient } from '#runtime/testing/memory-client.ts';
import { reconcileNewSet } from './new-set.ts';
import type { Scope } from './scope.ts';

/** An API server that does to new objects what it does. */
class MeddlingClient extends MemoryClient {
  meddle: (object: MachineSet) => void = () => {};

  override create<T extends KubernetesObject>(kind: Kind<T>, object: T): Promise<T> {
    const metadata = { ...object.metadata, generation: 1, uid: `uid-of-${object.metadata.name}` };
    const copy = structuredClone({ ...object, metadata });
    this.meddle(copy);
    return super.create(kind, copy);
  }
}

const labels = { app: 'workers' };
const deployment: MachineDeployment = {
  apiVersion: 'machine.openshift.io/v1beta1',
  kind: 'MachineDeployment',
  metadata: { namespace: 'default', name: 'workers', uid: 'uid-of-workers' },
  spec: {
    replicas: 3,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { versions: { kubelet: '1.11.3' } } },
  },
};

async function newWorld() {
  const client = new MeddlingClient();
  const parts = { client, clock: realClock, log: silentLogger };
  const owners = new Informer({ ...parts, kind: machineDeployments });
  const owned = new Informer({ ...parts, kind: machineSets });
  const told: string[] = [];
  const events = {
    event: (_: unknown, __: string, reason: string): void => void told.push(reason),
  };
  const ownership = new Ownership({ client, events, owners, owned });
  const deps = {
    client,
    events,
    ownership,
    clock: realClock,
    machineDeployments: owners,
    machineSets: owned,
  };
  owned.replace([], '0');
  await client.create(machineDeployments, deployment);
  const scope: Scope = { deployment: structuredClone(deployment), failure: undefined };
  const context = { signal: new AbortController().signal, log: silentLogger };
  return {
    client,
    told,
    scope,
    reconcile: () => reconcileNewSet(deps, context, scope),
    sets: () => client.all(machineSets),
    /** The sets are stored, and the cache knows nothing of that. */
    forget: () => owned.replace([], '1000'),
  };
}

test('a set of the present template is created once, also by one who does not see it yet', async (t) => {
  const world = await newWorld();
  await world.reconcile();
  world.forget();
  await world.reconcile();
  t.is(world.sets().length, 1);
  t.is(world.sets()[0]?.spec?.replicas, 3);
  t.is(world.scope.deployment.status?.collisionCount, undefined);
  t.deepEqual(world.told, ['CreatedMachineSet']);
});

test('a set that the API server changes is created once, and that is told', async (t) => {
  const world = await newWorld();
  world.client.meddle = ({ spec }) => delete spec?.template.spec?.versions;
  await world.reconcile();
  for (const _ of [1, 2]) {
    await t.throwsAsync(world.reconcile(), { name: 'TerminalError', message: /another template/ });
    t.is(world.scope.failure?.reason, 'TemplateChanged');
  }
  t.is(world.sets().length, 1);
});

test('a set whose template somebody has changed since is old', async (t) => {
  const world = await newWorld();
  await world.reconcile();
  const [first] = world.sets();
  const key = { namespace: 'default', name: first?.metadata.name ?? '' };
  await world.client.patch(machineSets, key, {
    metadata: { generation: 2 },
    spec: { template: { spec: { versions: null } } },
  });
  world.forget();
  await world.reconcile();
  t.is(world.scope.deployment.status?.collisionCount, 1);
  await world.reconcile();
  t.is(world.sets().length, 2);
  t.deepEqual(world.told, ['CreatedMachineSet', 'NameCollision', 'CreatedMachineSet']);
});

test('a deployment that is gone, and does not know it, gets no set', async (t) => {
  const world = await newWorld();
  await world.client.delete(machineDeployments, { namespace: 'default', name: 'workers' });
  await world.reconcile();
  t.deepEqual(world.sets(), []);
});
