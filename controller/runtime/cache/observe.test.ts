import test from 'ava';
import { pods, type Pod } from '#api/core.ts';
import type { Client } from '../client/client.ts';
import { silentLogger } from '../log.ts';
import { realClock } from '../clock.ts';
import { Informer } from './informer.ts';

/** Fed by hand: nothing asks the client. */
function newInformer(): { informer: Informer<Pod>; events: string[] } {
  const client: Client = Object.create(null);
  const informer = new Informer<Pod>({ client, kind: pods, clock: realClock, log: silentLogger });
  const events: string[] = [];
  informer.addHandler(({ type, object: { metadata } }) => {
    events.push(`${type} ${metadata.uid}@${metadata.resourceVersion}`);
  });
  informer.replace([], '100');
  return { informer, events };
}

const key = { namespace: 'default', name: 'a' };

function pod(resourceVersion: string, uid = 'one'): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...key, uid, resourceVersion } };
}

test('the answer of a write is there at once, and the watch that brings it again is no news', (t) => {
  const { informer, events } = newInformer();
  informer.observe(pod('101'));
  t.is(informer.get(key)?.metadata.resourceVersion, '101');
  informer.apply('ADDED', pod('101'));
  t.deepEqual(events, ['added one@101']);
});

test('an older state that the watch still has to show is skipped', (t) => {
  const { informer, events } = newInformer();
  informer.apply('ADDED', pod('101'));
  informer.observe(pod('103'));
  informer.apply('MODIFIED', pod('102'));
  t.is(informer.get(key)?.metadata.resourceVersion, '103');
  t.deepEqual(events, ['added one@101', 'updated one@103']);
});

test('an answer that comes after the watch has shown the deletion raises no ghost', (t) => {
  const { informer, events } = newInformer();
  informer.apply('ADDED', pod('101'));
  informer.apply('DELETED', pod('105'));
  informer.observe(pod('104'));
  t.is(informer.get(key), undefined);
  t.deepEqual(events, ['added one@101', 'deleted one@105']);
});

test('an object whose last finalizer was taken off has none any more, before the watch tells the end', (t) => {
  const held = pod('101');
  held.metadata.finalizers = ['example.com/busy'];
  const { informer, events } = newInformer();
  informer.apply('ADDED', held);
  informer.observe(pod('101'));
  t.is(informer.get(key)?.metadata.finalizers, undefined);
  informer.apply('DELETED', pod('102'));
  informer.observe(pod('101'));
  t.is(informer.get(key), undefined);
  t.deepEqual(events, ['added one@101', 'updated one@101', 'deleted one@102']);
});

test('the deletion of an object does not take the next one of its name along', (t) => {
  const { informer, events } = newInformer();
  informer.apply('ADDED', pod('101'));
  informer.observe(pod('106', 'two'));
  informer.apply('DELETED', pod('105'));
  informer.apply('ADDED', pod('106', 'two'));
  t.is(informer.get(key)?.metadata.uid, 'two');
  t.deepEqual(events, ['added one@101', 'deleted one@101', 'added two@106']);
});

test('a list does not undo what was observed after it was made', (t) => {
  const { informer } = newInformer();
  informer.observe(pod('110'));
  informer.replace([], '109');
  t.is(informer.get(key)?.metadata.resourceVersion, '110');
  informer.replace([], '111');
  t.is(informer.get(key), undefined);
});

test('versions are numbers: 99 is older than 100', (t) => {
  const { informer } = newInformer();
  informer.observe(pod('99'));
  t.is(informer.get(key), undefined);
});

test('a server that went back in time after a restored backup is believed', (t) => {
  const { informer, events } = newInformer();
  informer.apply('ADDED', pod('205'));
  informer.replace([pod('50')], '60');
  t.is(informer.get(key)?.metadata.resourceVersion, '50');
  t.deepEqual(events, ['added one@205', 'deleted one@205', 'added one@50']);
});
