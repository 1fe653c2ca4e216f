import test from 'ava';
import { isNewer } from './resource-version.ts';

const object = (resourceVersion?: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { ...(resourceVersion !== undefined && { resourceVersion }) },
});

test('versions are numbers of any length', (t) => {
  t.true(isNewer(object('10'), object('9')));
  t.false(isNewer(object('9'), object('10')));
  t.false(isNewer(object('10'), object('10')));
  t.true(isNewer(object('99999999999999999999'), object('99999999999999999998')));
});

test('anything is newer than nothing', (t) => {
  t.true(isNewer(object('1'), undefined));
  t.true(isNewer(object('1'), object()));
});
