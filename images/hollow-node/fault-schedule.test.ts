import test from 'ava';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { FaultSchedule } from './fault-schedule.ts';

/** Real time passes between two looks at it: here a moment with each. */
class RestlessClock extends FakeClock {
  #looks = 0;

  override monotonic(): number {
    this.#looks += 1;
    return super.monotonic() + this.#looks / 1000;
  }
}

test('a change that falls between two looks at the clock is not slept through', async (t) => {
  const clock = new RestlessClock();
  const origin = clock.monotonic();
  const faults = new FaultSchedule([{ type: 'NotReady', after: 0, duration: 1000 }], clock, origin);
  await clock.advance(999.9985); // this look is just before the change, the next one just after
  const { active, untilChange } = faults.now();
  t.is(active.length, 1);
  t.true(untilChange < 1, `${untilChange}`);

  const healed = faults.until(({ arePodsFrozen }) => !arePodsFrozen, AbortSignal.timeout(5000));
  await clock.advance(2);
  await t.notThrowsAsync(healed);
});
