import test from 'ava';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { Pace } from './pace.ts';

test('a health check is looked at once a second, each on its own', async (t) => {
  const clock = new FakeClock();
  const pace = new Pace(clock);
  const one = { namespace: 'default', name: 'one' };
  t.is(pace.wait(one), 0);
  await clock.advance(300);
  t.is(pace.wait(one), 700);
  t.is(pace.wait({ ...one, name: 'other' }), 0);
  await clock.advance(700);
  t.is(pace.wait(one), 0);
  pace.forget(one);
  t.is(pace.wait(one), 0);
});
