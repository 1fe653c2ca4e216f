import test from 'ava';
import type { Event } from '#api/core.ts';
import { events } from '#api/core.ts';
import type { World } from '../testing/world.ts';
import { startWorld } from '../testing/world.ts';

async function addEvent(world: World, name: string, times: Partial<Event> = {}): Promise<void> {
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    ...times,
  };
  await world.client.create(events, event);
}

test('events go an hour after they last happened', async (t) => {
  const world = await startWorld(t, { disabled: ['nodeLifecycle'] });
  const at = (minutes: number): string =>
    new Date(world.clock.now() + minutes * 60_000).toISOString();
  await addEvent(world, 'once');
  await addEvent(world, 'repeated', { lastTimestamp: at(30) });
  await addEvent(world, 'series', {
    series: { count: 2, lastObservedTime: at(40) },
    eventTime: at(0),
    reportingComponent: 'x',
    reportingInstance: 'x',
    action: 'x',
    reason: 'x',
    type: 'Normal',
  });
  const left = async (): Promise<(string | undefined)[]> => {
    await world.quiet();
    return (await world.client.list(events)).items.map(({ metadata }) => metadata.name);
  };
  const minutes = async (count: number): Promise<void> => {
    for (let minute = 0; minute < count; minute++) {
      await world.clock.advance(60_000);
      await world.quiet();
    }
  };
  await minutes(59);
  t.deepEqual(await left(), ['once', 'repeated', 'series']);
  await minutes(7);
  t.deepEqual(await left(), ['repeated', 'series']);
  await minutes(30);
  t.deepEqual(await left(), ['series']);
  await minutes(10);
  t.deepEqual(await left(), []);
});
