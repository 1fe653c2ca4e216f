import test from 'ava';
import { pods } from '#api/core.ts';
import { realClock } from '../clock.ts';
import { silentLogger } from '../log.ts';
import { connect } from '../testing/http-peer.ts';
import { pod } from '../testing/objects.ts';
import { until } from '../testing/until.ts';
import { WatchPeer } from '../testing/watch-peer.ts';
import { Informer } from './informer.ts';

/** Real time on purpose: what is tested are the time-outs of sockets, which no fake clock steps. */
test('a change arrives within 100 ms on a watch that was silent for two minutes', async (t) => {
  t.timeout(150_000);
  const server = await WatchPeer.start(t);
  const client = connect(t, server.peer.url);
  const informer = new Informer({ client, kind: pods, clock: realClock, log: silentLogger });
  const controller = new AbortController();
  const running = informer.run(controller.signal);
  let arrivedAt = 0;
  informer.addHandler(() => (arrivedAt = performance.now()));
  await until(() => server.openWatches === 1);
  await realClock.sleep(120_000);
  const sentAt = performance.now();
  server.put(pod('a', 0));
  await until(() => arrivedAt > 0);
  t.true(arrivedAt - sentAt < 100, `${arrivedAt - sentAt} ms`);
  t.deepEqual(server.requests, ['list', 'watch 1'], 'still the first watch');
  controller.abort();
  await running;
});
