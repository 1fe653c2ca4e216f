import test from 'ava';
import { leases, nodes, pods } from '#api/core.ts';
import { formatKey, parseKey } from './object-key.ts';
import { collectionPath, creationPath, objectPath, queryString } from './paths.ts';

test('paths follow group, scope and subresource', (t) => {
  t.is(collectionPath(pods), '/api/v1/pods');
  t.is(collectionPath(pods, 'a'), '/api/v1/namespaces/a/pods');
  t.is(collectionPath(nodes, 'ignored'), '/api/v1/nodes');
  t.is(
    objectPath(leases, { namespace: 'a', name: 'b' }),
    '/apis/coordination.k8s.io/v1/namespaces/a/leases/b',
  );
  t.is(objectPath(nodes, { namespace: '', name: 'n' }, 'status'), '/api/v1/nodes/n/status');
  t.is(creationPath(nodes, undefined), '/api/v1/nodes');
});

test('names cannot leave their place in the path', (t) => {
  t.is(objectPath(nodes, { namespace: '', name: '../x?y' }), '/api/v1/nodes/..%2Fx%3Fy');
});

test('a key that lacks a part never addresses a collection', (t) => {
  t.throws(() => objectPath(pods, { namespace: 'a', name: '' }), { message: /empty name/ });
  t.throws(() => objectPath(pods, { namespace: '', name: 'a' }), { message: /empty namespace/ });
  t.throws(() => creationPath(pods, undefined), { message: /empty namespace/ });
});

test('a query holds what is set', (t) => {
  t.is(queryString({ a: undefined, b: '' }), '');
  t.is(queryString({ labelSelector: 'a=b,c', limit: 5 }), '?labelSelector=a%3Db%2Cc&limit=5');
});

test('a key survives its text', (t) => {
  for (const key of [
    { namespace: 'a', name: 'b' },
    { namespace: '', name: 'node' },
  ]) {
    t.deepEqual(parseKey(formatKey(key)), key);
  }
});
