import test from 'ava';
import type { Machine, MachineStatus } from '#api/machine/v1beta1/machine.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { OwnStatuses } from './own-status.ts';

const metadata = { namespace: 'default', name: 'worker' };
const key = { namespace: 'default', name: 'worker' };

function machine(status: MachineStatus): Machine {
  return { apiVersion: 'machine.openshift.io/v1beta1', kind: 'Machine', metadata, status };
}

const provisioned = machine({ phase: 'Provisioned' });
const running = machine({ phase: 'Running' });
const odd = machine({ phase: 'Odd' });

test('our own write is known by its content when it comes back', (t) => {
  const statuses = new OwnStatuses(new FakeClock());
  statuses.remember(provisioned, { phase: 'Running' });
  t.false(statuses.isToBeCorrected(provisioned, running));
});

test('a change that leaves the status as it was is none', (t) => {
  const statuses = new OwnStatuses(new FakeClock());
  statuses.remember(provisioned, { phase: 'Running' });
  t.false(statuses.isToBeCorrected(provisioned, machine({ phase: 'Provisioned' })));
});

test('a status that we did not write is to be corrected', (t) => {
  const statuses = new OwnStatuses(new FakeClock());
  statuses.remember(running, { phase: 'Running' });
  t.true(statuses.isToBeCorrected(running, odd));
});

test('who insists is corrected every ten seconds', async (t) => {
  const clock = new FakeClock();
  const statuses = new OwnStatuses(clock);
  statuses.remember(running, { phase: 'Running' });
  const corrected = (times: number): number =>
    Array.from({ length: times }, () => statuses.isToBeCorrected(running, odd)).filter(Boolean)
      .length;
  t.is(corrected(20), 5);
  await clock.advance(20_000);
  t.is(corrected(20), 2);
});

test('a machine that is gone is forgotten', (t) => {
  const statuses = new OwnStatuses(new FakeClock());
  statuses.remember(running, { phase: 'Odd' });
  statuses.forget(key);
  t.true(statuses.isToBeCorrected(running, odd));
});
