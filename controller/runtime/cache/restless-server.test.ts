import test from 'ava';
import { pods, type Pod } from '#api/core.ts';
import { realClock } from '../clock.ts';
import { silentLogger } from '../log.ts';
import { connect } from '../testing/http-peer.ts';
import { pod } from '../testing/objects.ts';
import { until } from '../testing/until.ts';
import { WatchPeer } from '../testing/watch-peer.ts';
import { Informer } from './informer.ts';

/** Real time on purpose: pauses between watches are what must not be there. */
test('a server that ends every watch each second makes no change late', async (t) => {
  const server = await WatchPeer.start(t);
  const client = connect(t, server.peer.url);
  const informer = new Informer<Pod>({ client, kind: pods, clock: realClock, log: silentLogger });
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  await until(() => server.openWatches === 1);

  const delays: number[] = [];
  for (let round = 0; round < 10; round++) {
    for (let change = 0; change < 10; change++) {
      const name = `p${round}-${change}`;
      const sentAt = performance.now();
      server.put(pod(name, 0));
      await until(() => informer.get({ namespace: 'default', name }) !== undefined);
      delays.push(performance.now() - sentAt);
      await realClock.sleep(50);
    }
    if (round % 2 === 0) server.endWatches();
    else server.dropWatches();
  }
  stop.abort();
  await running;

  const late = delays.filter((delay) => delay >= 100);
  // A pause before each new watch would be nine; a busy machine stands still now and then.
  t.true(late.length <= 3, `late by ${late.map(Math.round).join(', ')} ms`);
  t.is(server.requests.filter((request) => request === 'list').length, 1);
  t.true(server.requests.length >= 11);
});
