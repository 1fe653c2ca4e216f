import test from 'ava';
import { pods, type Pod } from '#api/core.ts';
import { MemoryClient } from '../testing/memory-client.ts';
import { pod } from '../testing/objects.ts';
import { TerminalError } from '../reconcile.ts';
import { deepFreeze } from '../cache/store.ts';
import { isConflict, isInvalid } from './errors.ts';
import { patchOnExit, type Draft, type PatchTarget } from './patch.ts';

const key = { namespace: 'default', name: 'a' };

async function store(
  object: Partial<Pod> = {},
): Promise<{ client: MemoryClient; target: PatchTarget<Pod>; current: () => Pod | undefined }> {
  const client = new MemoryClient();
  const stored = deepFreeze(await client.create(pods, pod('a', 0, object)));
  client.requests.length = 0;
  const { signal } = new AbortController();
  const target = { client, kind: pods, stored, signal };
  return { client, target, current: () => client.peek(pods, key) };
}

function annotate({ object }: Draft<Pod>): void {
  object.metadata.annotations = { note: 'x' };
}

function setPhase({ object }: Draft<Pod>, phase: string): void {
  object.status = { ...object.status, phase };
}

async function failForGood(draft: Draft<Pod>): Promise<void> {
  setPhase(draft, 'Failed');
  throw new TerminalError('bad config');
}

test('nothing is written when nothing changed', async (t) => {
  const { client, target } = await store({ status: { phase: 'Running' } });
  await patchOnExit(target, async (draft) => setPhase(draft, 'Running'));
  t.deepEqual(client.requests, []);
});

test('metadata and spec are written first, then the status, each only as far as it changed', async (t) => {
  const { client, target, current } = await store({
    status: { phase: 'Pending', podIP: '10.0.0.1' },
  });
  const result = await patchOnExit(target, async (draft) => {
    annotate(draft);
    setPhase(draft, 'Running');
    return 'result';
  });
  t.is(result, 'result');
  t.deepEqual(client.requests, ['patch Pod default/a', 'patch Pod default/a status']);
  t.deepEqual(client.patches, [
    { metadata: { annotations: { note: 'x' }, uid: 'uid-of-a' } },
    { status: { phase: 'Running' }, metadata: { uid: 'uid-of-a', resourceVersion: '2' } },
  ]);
  t.like(current(), { status: { phase: 'Running', podIP: '10.0.0.1' } });
});

test('what was written on the way is not written again', async (t) => {
  const { client, target } = await store();
  await patchOnExit(target, async (draft) => {
    annotate(draft);
    await draft.writeMain();
    setPhase(draft, 'Running');
    await draft.writeStatus();
  });
  t.is(client.requests.length, 2);
});

test('a draft knows its new version after a write', async (t) => {
  const { target, current } = await store();
  await patchOnExit(target, async (draft) => {
    annotate(draft);
    await draft.writeMain();
    t.is(draft.object.metadata.resourceVersion, current()?.metadata.resourceVersion);
  });
});

test('a failure is thrown after the status has been written', async (t) => {
  const { target, current } = await store();
  await t.throwsAsync(patchOnExit(target, failForGood), { instanceOf: TerminalError });
  t.is(current()?.status?.phase, 'Failed');
});

test('a failure whose status cannot be written is retried, whatever it was', async (t) => {
  const { client, target } = await store();
  client.intercept = () => {
    throw new Error('no network');
  };
  const error = await t.throwsAsync(patchOnExit(target, failForGood), {
    instanceOf: AggregateError,
  });
  t.false(error instanceof TerminalError);
  t.is(error.message, 'bad config; no network');
});

test('an aborted reconcile writes nothing more', async (t) => {
  const { client, target } = await store();
  const controller = new AbortController();
  const change = async (draft: Draft<Pod>): Promise<void> => {
    annotate(draft);
    controller.abort();
    throw new Error('interrupted');
  };
  const aborted = patchOnExit({ ...target, signal: controller.signal }, change);
  await t.throwsAsync(aborted, { message: 'interrupted' });
  t.deepEqual(client.requests, []);
});

test('a finalizer that somebody else added meanwhile is not lost', async (t) => {
  const { client, target, current } = await store();
  await client.patch(pods, key, { metadata: { finalizers: ['theirs'] } });
  const patching = patchOnExit(target, async ({ object }) => {
    object.metadata.finalizers = ['ours'];
  });
  t.true(isConflict(await t.throwsAsync(patching)));
  t.deepEqual(current()?.metadata.finalizers, ['theirs']);
});

test('another object of the same name is left alone', async (t) => {
  const { client, target, current } = await store();
  await client.delete(pods, key);
  await client.create(pods, pod('a', 0, { metadata: { uid: 'another' } }));
  const error = await t.throwsAsync(patchOnExit(target, async (draft) => annotate(draft)));
  t.true(isInvalid(error));
  t.is(current()?.metadata.annotations, undefined);
});

test('a status that was decided on an older version is not written', async (t) => {
  const { client, target, current } = await store({ status: { phase: 'Pending' } });
  await client.patch(pods, key, { metadata: { labels: { new: 'yes' } } });
  const patching = patchOnExit(target, async (draft) => setPhase(draft, 'Running'));
  t.true(isConflict(await t.throwsAsync(patching)));
  t.is(current()?.status?.phase, 'Pending');
});

test('an object that vanishes with its last finalizer is no error', async (t) => {
  const { client, target } = await store({
    metadata: { deletionTimestamp: '2030-01-01T00:00:00Z', finalizers: ['ours'] },
  });
  client.intercept = async (request) => {
    if (request.endsWith('status')) await client.delete(pods, key);
  };
  await patchOnExit(target, async (draft) => {
    draft.object.metadata.finalizers = [];
    setPhase(draft, 'Succeeded');
  });
  t.is(client.peek(pods, key), undefined);
});

test('an object that vanished while it was wanted is an error', async (t) => {
  const { client, target } = await store();
  await client.delete(pods, key);
  await t.throwsAsync(patchOnExit(target, async (draft) => annotate(draft)));
});
