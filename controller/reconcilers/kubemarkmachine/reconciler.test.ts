import test from 'ava';
import { pausedAnnotation } from '#api/cluster-api/core.ts';
import { certificateSigningRequests, secrets } from '#api/core.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { statusError } from '#runtime/client/status.ts';
import { contracts, readInfrastructure } from '#test/helpers/contract.ts';
import { key, World } from './testing/world.ts';

const everything = { pods: ['worker'], secrets: ['worker-kubemark-config'], requests: 1 };

/** Identity, Secret, request, approval, status, certificate, Pod, and twice the status. */
const writesOfACreation = 9;

for (let write = 1; write <= writesOfACreation; write += 1) {
  test(`killed after write ${write} of a creation, the next one comes to one Pod, one Secret and one request`, async (t) => {
    const world = await World.create();
    t.true(await world.liveUntilWrite(write, () => world.ready?.status === 'True'));
    await world.provision();
    t.deepEqual(world.made, everything);
    t.is(world.machine.spec?.providerID, 'kubemark://worker');
  });
}

test('a creation takes no more writes than that', async (t) => {
  const world = await World.create();
  t.false(await world.liveUntilWrite(writesOfACreation + 1, () => world.ready?.status === 'True'));
});

for (const write of [1, 2, 3]) {
  test(`killed after write ${write} of a deletion, the next one leaves nothing`, async (t) => {
    const world = await World.create();
    await world.provision();
    await world.markDeleted();
    const isLetGo = (): boolean => world.machine.metadata.finalizers?.length === 0;
    await world.liveUntilWrite(write, isLetGo);
    await world.liveUntilWrite(Infinity, isLetGo);
    t.like(world.made, { pods: [], secrets: [] });
  });
}

test('a machine whose hollow-Pod cluster may not be used goes, unless it had a Pod there', async (t) => {
  const foreign = { kubemarkHollowPodClusterSecretRef: { name: 'a', namespace: 'kube-system' } };
  const fresh = await World.create(foreign);
  await fresh.reconcile();
  t.is(fresh.ready?.reason, 'ForeignSecret');
  await fresh.markDeleted();
  await fresh.reconcile();
  t.deepEqual(fresh.machine.metadata.finalizers, []);

  const used = await World.create();
  await used.provision();
  await used.client.patch(kubemarkMachines, key, { spec: foreign });
  await used.markDeleted();
  await used.reconcile();
  t.is(used.machine.metadata.finalizers?.length, 1);
  t.regex(used.ready?.message ?? '', /^ForeignSecret: /);
});

const secretKey = { namespace: 'default', name: 'worker-kubemark-config' };
const year = 365 * 86_400_000;

test('a certificate is replaced after two thirds of its life, and the Pod stays', async (t) => {
  const world = await World.create();
  await world.provision();
  const certificate = (): string | undefined =>
    world.client.peek(secrets, secretKey)?.data?.['cert.pem'];
  const before = certificate();
  const { requeueAfter = 0 } = await world.reconcile();
  t.true(requeueAfter > 5 * year && requeueAfter < 6 * year, String(requeueAfter));
  await world.clock.advance(6 * year);
  world.client.requests.length = 0;
  await world.liveUntilWrite(Infinity, () => certificate() !== before);
  t.is(world.client.peek(secrets, secretKey)?.data?.['key.pem'], undefined);
  t.is(world.ready?.status, 'True');
  t.false(world.client.requests.some((request) => /^(create|delete) Pod/.test(request)));
});

test('a node whose certificate is still good stays as it is while its cluster is silent', async (t) => {
  const world = await World.create();
  await world.provision();
  world.isSilent = true;
  await world.clock.advance(6 * year);
  t.deepEqual(await world.reconcile(), { requeueAfter: 5_000 });
  t.is(world.ready?.status, 'True');
  await world.clock.advance(4 * year);
  await world.reconcile();
  t.like(world.ready, { status: 'False', reason: 'ClusterUnreachable' });
  t.like(world.made, { pods: ['worker'] });
});

test('a second pass over a machine that is Ready writes nothing', async (t) => {
  const world = await World.create();
  await world.provision();
  world.client.requests.length = 0;
  await world.reconcile();
  t.deepEqual(
    world.client.requests.filter((request) => !request.startsWith('get ')),
    [],
  );
});

for (const contract of contracts) {
  test(`core of contract ${contract} can read the machine from its birth on`, async (t) => {
    const world = await World.create({ failureDomain: 'zone-a' });
    await world.reconcile();
    t.like(readInfrastructure(contract, world.machine), { provisioned: false });
    await world.provision();
    t.like(readInfrastructure(contract, world.machine), {
      provisioned: true,
      providerID: 'kubemark://worker',
      failureDomain: 'zone-a',
      addresses: [
        { type: 'Hostname', address: 'worker' },
        { type: 'InternalIP', address: '10.0.0.1' },
      ],
    });
    t.is(readInfrastructure(contract, world.machine).conditions.get('Ready')?.status, 'True');
  });
}

test('a paused machine is told so once, and then not even read', async (t) => {
  const world = await World.create();
  await world.provision();
  const paused = { metadata: { annotations: { [pausedAnnotation]: '' } } };
  await world.client.patch(kubemarkMachines, key, paused);
  await world.reconcile();
  world.client.requests.length = 0;
  await world.markDeleted();
  await world.reconcile();
  t.deepEqual(world.client.requests, ['patch KubemarkMachine default/worker']); // markDeleted's
  t.like(world.made, everything);
});

test("the workload cluster's own approver may be faster", async (t) => {
  const world = await World.create();
  let approvals = 0;
  world.client.intercept = async (request) => {
    if (!request.startsWith('update CertificateSigningRequest') || approvals > 0) return;
    approvals += 1;
    const [stored] = world.client.all(certificateSigningRequests);
    const name = { namespace: '', name: stored?.metadata.name ?? '' };
    const conditions = [{ type: 'Approved', status: 'True' }];
    await world.client.patch(certificateSigningRequests, name, { status: { conditions } });
    throw statusError('', { code: 409, reason: 'Conflict' });
  };
  await world.reconcile();
  t.is(world.ready?.reason, 'WaitingForCertificate');
  await world.provision();
  t.deepEqual(world.made, everything);
});

test('what cannot be told from the error of a program is tried again, and told', async (t) => {
  const world = await World.create();
  world.client.intercept = (request) => {
    if (request.startsWith('create Secret')) throw new Error('no more disk');
  };
  await t.throwsAsync(world.reconcile(), { message: 'no more disk' });
  t.like(world.ready, { status: 'False', reason: 'InternalError', message: 'no more disk' });
});
