import test from 'ava';
import type { InjectedFault } from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';
import { decide, describe, type Decision } from './fault-injection.ts';

const second = 1000;
const now = Date.parse('2030-01-01T00:00:00Z');
const later = (seconds: number): string => new Date(now + seconds * second).toISOString();

const decided = (value: string | undefined, record?: InjectedFault, at = now): Decision =>
  decide({ value, record, nodeName: 'n1', isFallible: true, now: at });

test('nothing is asked for, nothing happens', (t) => {
  t.deepEqual(decided(undefined), { type: 'none' });
});

test('a fault begins when it is seen, and ends when it has run its course', (t) => {
  const record = { asked: 'NotReady for 30s', since: later(0), until: later(30) };
  const value = `since ${later(0)}: NotReady for 30s`;
  const until = now + 30 * second;
  t.deepEqual(decided('NotReady for 30s'), { type: 'active', record, value, until, isNew: true });
  const again = decided('NotReady for 30s', record, now + 29 * second);
  t.deepEqual(again, { type: 'active', record, value, until, isNew: false });
  const ended = `Over: NotReady for 30s, from ${later(0)} until ${later(30)}`;
  t.deepEqual(decided('NotReady for 30s', record, until), { type: 'over', ended });
});

test('the last of several decides; what repeats or has no end lasts until it is taken back', (t) => {
  const text = 'NotReady after 10s for 5s; Condition DiskPressure after 1s for 20s';
  t.like(decided(text), { until: now + 21 * second });
  for (const endless of ['Unreachable', 'NotReady for 5s every 10s']) {
    const decision = decided(endless);
    t.like(decision, { type: 'active', until: Number.POSITIVE_INFINITY });
    t.like(decision, { record: { asked: endless, since: later(0) } });
  }
});

test('what ends before its time says when it did, and what takes its place', (t) => {
  const endless = { asked: 'Unreachable', since: later(-60) };
  const lasting = { asked: 'NotReady for 1h', since: later(-60), until: later(3540) };
  const past = { asked: 'NotReady for 30s', since: later(-60), until: later(-30) };
  const wrong = { asked: 'NotReady sometimes', error: 'not understood' };
  const from = `from ${later(-60)} until`;
  t.deepEqual(decided(undefined, endless), {
    type: 'takenBack',
    ended: `Taken back: Unreachable, ${from} ${later(0)}`,
  });
  t.like(decided(undefined, lasting), {
    ended: `Taken back: NotReady for 1h, ${from} ${later(0)}`,
  });
  t.like(decided(undefined, past), { ended: `Over: NotReady for 30s, ${from} ${later(-30)}` });
  t.deepEqual(decided(undefined, wrong), { type: 'takenBack' });
  const coming = { asked: 'Crash', since: later(60) };
  t.like(decided(undefined, coming), {
    ended: `Taken back before it began: Crash, from ${later(60)} until it is taken back`,
  });
  const ended = `Replaced: NotReady for 1h, ${from} ${later(0)}`;
  t.like(decided('Crash', lasting), { type: 'active', isNew: true, ended });
  t.like(decided('Bogus', lasting), { type: 'invalid', isNew: true, ended });
  t.false('ended' in decided('NotReady for 1h', lasting));
  t.false('ended' in decided('Crash', wrong));
});

test('a long text leaves room for the times in an event', (t) => {
  const asked = Array.from({ length: 200 }, () => 'NotReady for 30s').join('; ');
  const text = describe({ asked, since: later(0), until: later(30) });
  t.true(text.length < 1000);
  t.regex(
    text,
    /^NotReady for 30s; .*…, from 2030-01-01T00:00:00.000Z until 2030-01-01T00:00:30.000Z$/,
  );
});

test('another text is another fault; a time of its own counts', (t) => {
  const record = { asked: 'Unreachable', since: later(-60) };
  t.like(decided('NotReady for 30s', record), { isNew: true, record: { since: later(0) } });
  const dated = decided(`since ${later(-20)}: NotReady for 30s`);
  t.like(dated, { record: { since: later(-20), until: later(10) } });
  t.is(decided(`since ${later(-40)}: NotReady for 30s`).type, 'over');
});

test('what is not understood is told once', (t) => {
  const first = decided('NotReady sometimes');
  t.like(first, { type: 'invalid', isNew: true, record: { asked: 'NotReady sometimes' } });
  const record = first.type === 'invalid' ? first.record : undefined;
  t.like(decided('NotReady sometimes', record), { type: 'invalid', isNew: false });
  t.is(decided('since yesterday: NotReady').type, 'invalid');
  t.like(decided(''), {
    type: 'invalid',
    record: { error: 'fault: nothing found (want e.g. "NotReady for 30s")' },
  });
});

test('what was a mistake and is none any more begins then; what has become one is told', (t) => {
  const wrong = { asked: 'NotReady for 30s', error: 'no kubemark knows it' };
  t.like(decided(wrong.asked, wrong), { type: 'active', isNew: true, record: { since: later(0) } });
  const [record, value] = [{ asked: 'Unreachable', since: later(-60) }, 'Unreachable'];
  const decision = decide({ value, record, nodeName: 'n1', isFallible: false, now });
  t.like(decision, { type: 'invalid', isNew: true });
});

test('a time is RFC 3339 and nothing else', (t) => {
  for (const time of ['1', '2030-01-01', '2030-01-01T00:00:00', '+275760-09-12T00:00:00Z']) {
    const decision = decided(`since ${time}: NotReady for 30s`);
    t.like(decision, { type: 'invalid' }, time);
  }
  const elsewhere = decided('since 2030-01-01T02:00:00.5+02:00: NotReady for 30s');
  t.like(elsewhere, { type: 'active', record: { since: later(0.5) } });
});

test('a node that nobody makes fail is not said to fail', (t) => {
  const asked = { record: undefined, nodeName: 'n1', isFallible: false, now };
  const decision = decide({ ...asked, value: 'NotReady for 30s' });
  t.like(decision, { type: 'invalid', isNew: true });
  t.regex(
    decision.type === 'invalid' ? (decision.record.error ?? '') : '',
    /faultInjector "Proxy"/,
  );
  t.is(decide({ ...asked, value: undefined }).type, 'none');
});
