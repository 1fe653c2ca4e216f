import test from 'ava';
import { Metrics } from './metrics.ts';

test('the names are those of controller-runtime and client-go', async (t) => {
  const metrics = new Metrics();
  const names = (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name);
  t.deepEqual(names.toSorted(), [
    'controller_runtime_active_workers',
    'controller_runtime_max_concurrent_reconciles',
    'controller_runtime_reconcile_errors_total',
    'controller_runtime_reconcile_time_seconds',
    'controller_runtime_reconcile_total',
    'controller_runtime_terminal_reconcile_errors_total',
    'leader_election_master_status',
    'rest_client_requests_total',
    'workqueue_adds_total',
    'workqueue_depth',
    'workqueue_longest_running_processor_seconds',
    'workqueue_queue_duration_seconds',
    'workqueue_retries_total',
    'workqueue_unfinished_work_seconds',
    'workqueue_work_duration_seconds',
  ]);
});

test('a queue is asked when the metrics are read', async (t) => {
  const metrics = new Metrics();
  const queue = { length: 3, secondsInProcess: [1, 4] };
  metrics.observeQueue('machine', queue);
  const lines = async (): Promise<string[]> =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('workqueue_'));
  t.deepEqual(await lines(), [
    'workqueue_depth{name="machine"} 3',
    'workqueue_unfinished_work_seconds{name="machine"} 5',
    'workqueue_longest_running_processor_seconds{name="machine"} 4',
  ]);
  queue.length = 0;
  queue.secondsInProcess = [];
  t.deepEqual(await lines(), [
    'workqueue_depth{name="machine"} 0',
    'workqueue_unfinished_work_seconds{name="machine"} 0',
    'workqueue_longest_running_processor_seconds{name="machine"} 0',
  ]);
});

test('reconciles, requests and leadership are counted under their labels', async (t) => {
  const metrics = new Metrics();
  const controller = metrics.controller('machine', 7);
  controller.reconciled('success', 0.02);
  controller.reconciled('error', 0.3);
  controller.reconciled('terminal', 0.3);
  metrics.requested({ method: 'GET', host: 'h:1', code: '200' });
  metrics.leads('lease', true);
  const lines = (await metrics.registry.metrics()).split('\n');
  for (const line of [
    'controller_runtime_reconcile_total{controller="machine",result="success"} 1',
    'controller_runtime_reconcile_total{controller="machine",result="requeue_after"} 0',
    'controller_runtime_reconcile_errors_total{controller="machine"} 2',
    'controller_runtime_terminal_reconcile_errors_total{controller="machine"} 1',
    'controller_runtime_max_concurrent_reconciles{controller="machine"} 7',
    'controller_runtime_reconcile_time_seconds_bucket{le="0.025",controller="machine"} 1',
    'rest_client_requests_total{code="200",method="GET",host="h:1"} 1',
    'leader_election_master_status{name="lease"} 1',
  ]) {
    t.true(lines.includes(line), line);
  }
});

test('metrics of the process are there when asked for', async (t) => {
  const names = (await new Metrics({ process: true }).registry.getMetricsAsJSON()).map(
    ({ name }) => name,
  );
  t.true(names.includes('process_cpu_seconds_total'));
  t.true(names.includes('process_resident_memory_bytes'));
});
