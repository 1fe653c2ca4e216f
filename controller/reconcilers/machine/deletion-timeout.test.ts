import test from 'ava';
import { deletionTimeoutAnnotation } from '#api/machine/v1beta1/labels.ts';
import { deletionStart, remainingWait } from './deletion-timeout.ts';

const now = Date.UTC(2030, 0, 1, 12, 0, 0, 700);
const deletedNow = '2030-01-01T12:00:00Z';

const annotated = (value: string) => ({
  deletionTimestamp: deletedNow,
  annotations: { [deletionTimeoutAnnotation]: value },
});

test('the wait starts when the deletion is first seen, to the millisecond', (t) => {
  t.is(deletionStart({ deletionTimestamp: deletedNow }, now), `${now / 1000}`.padEnd(14, '0'));
});

for (const deletionTimestamp of ['2030-01-01T11:00:00Z', '2030-01-01T11:59:59Z']) {
  test(`a deletion that nobody saw at once counts from its own time: ${deletionTimestamp}`, (t) => {
    const start = deletionStart({ deletionTimestamp }, now);
    t.is(Number(start), (Date.parse(deletionTimestamp) + 500) / 1000);
  });
}

test('after a drain the wait starts with its end, also if nobody saw that at once', (t) => {
  const metadata = { deletionTimestamp: '2030-01-01T11:00:00Z' };
  t.is(Number(deletionStart(metadata, now, deletedNow)), now / 1000);
  const due = '2030-01-01T11:30:00Z';
  t.is(Number(deletionStart(metadata, now, due)), (Date.parse(due) + 500) / 1000);
});

test('what is written stays, also whole seconds as the original wrote them', (t) => {
  t.is(deletionStart(annotated('1893499200'), now), '1893499200');
  t.is(deletionStart(annotated('1893499200.123'), now), '1893499200.123');
});

const beforeDeletion = `${now / 1000 - 100}`;
const future = `${now / 1000 + 100}`;
const endless = '9'.repeat(1000);

for (const garbage of ['', 'soon', '-5', 'NaN', '1e3', '0', beforeDeletion, future, endless]) {
  test(`an annotation of "${garbage.slice(0, 20)}" is written anew`, (t) => {
    t.is(Number(deletionStart(annotated(garbage), now)), now / 1000);
  });
}

test('what remains is exact', (t) => {
  const start = deletionStart({ deletionTimestamp: deletedNow }, now);
  t.is(remainingWait(start, 20_000, now), 20_000);
  t.is(remainingWait(start, 20_000, now + 19_999), 1);
  t.true(remainingWait(start, 20_000, now + 20_000) <= 0);
});
