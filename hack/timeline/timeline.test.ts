import test from 'ava';
import type { Node } from '#api/core.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { newKubemarkMachine } from '#test/helpers/machine-server.ts';
import { newMachine } from '#test/helpers/story.ts';
import { History, type Span } from './history.ts';
import { page } from './page.ts';
import { draw } from './terminal.ts';

const node = (status: string, name = 'n1', fault?: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, ...(fault && { annotations: { [faultAnnotation]: fault } }) },
  status: { conditions: [{ type: 'Ready', status }] },
});

const machine = (changes: Partial<Machine['metadata']> = {}, nodeName?: string): Machine => {
  const one = newMachine('worker');
  return {
    ...one,
    metadata: { ...one.metadata, ...changes },
    ...(nodeName && { status: { nodeRef: { kind: 'Node', name: nodeName, uid: 'u' } } }),
  };
};

/** Tells of a Machine as the timeline does. */
const tell = (history: History, one: Machine, isGone: boolean, now: number): void =>
  history.machine(one, one.status?.nodeRef?.name, isGone, now);

function story(): History {
  const history = new History();
  tell(history, machine(), false, 0);
  history.node(node('True'), false, 10);
  tell(history, machine({}, 'n1'), false, 11);
  const fault = 'since 2030-01-01T00:00:00Z: NotReady for 9s';
  history.node(node('True', 'n1', fault), false, 20);
  history.node(node('False', 'n1', fault), false, 21);
  history.node(node('False'), false, 25);
  history.node(node('Unknown'), false, 30);
  tell(history, machine({ deletionTimestamp: 'x' }, 'n1'), false, 40);
  history.node(node('Unknown'), true, 45);
  tell(history, machine({}, 'n1'), true, 50);
  history.node(node('True', 'alone <b>'), false, 5);
  return history;
}

test('a Machine is in the state of its Node, from its creation to its end', (t) => {
  const [worker, alone, ...others] = story().lanes;
  t.deepEqual(others, []);
  t.deepEqual(
    worker?.spans.map(({ state, from }) => `${from} ${state}`),
    ['0 NoNode', '11 Ready', '21 NotReady', '30 Unknown', '40 Deleting', '50 NoNode'],
  );
  t.is(worker?.until, 50);
  t.deepEqual(worker?.marks, [{ at: 20, text: 'NotReady for 9s' }]);
  t.is(alone?.name, 'node alone <b>');
});

test('a name that comes back goes on in its line', (t) => {
  const history = story();
  tell(history, machine({}, 'n2'), false, 60);
  history.node(node('True', 'n2'), false, 61);
  history.node(node('True', 'alone <b>'), true, 62);
  history.node(node('False', 'alone <b>'), false, 64);
  const [worker, alone] = history.lanes;
  t.deepEqual([worker?.until, alone?.until], [undefined, undefined]);
  t.is(worker?.spans.at(-1)?.state, 'Ready');
  t.deepEqual(
    alone?.spans.map(({ state, from }) => `${from} ${state}`),
    ['5 Ready', '62 NoNode', '64 NotReady'],
  );
});

test('a mark is what a Node is told, once; what ends can be asked for again', (t) => {
  const history = new History();
  const annotations = { [faultAnnotation]: 'Crash' };
  tell(history, machine({ annotations }, 'n1'), false, 1); // it may be refused
  history.node(node('True', 'n1', 'since 2030-01-01T00:00:00Z: Crash'), false, 2);
  history.node(node('False', 'n1', 'since 2030-01-01T00:00:00Z: Crash'), false, 3);
  history.node(node('True'), false, 4);
  history.node(node('True', 'n1', 'since 2030-01-01T00:01:00Z: Crash'), false, 5);
  history.node(node('Unknown', 'n1', 'since 2030-01-01T00:01:00Z: Crash'), true, 6);
  history.node(node('True', 'n1', 'since 2030-01-01T00:01:00Z: Crash'), false, 7);
  const marks = [2, 5, 7].map((at) => ({ at, text: 'Crash' }));
  t.deepEqual(history.lanes[0]?.marks, marks);
});

test('a KubemarkMachine and the Node that its provider ID names are one line', (t) => {
  const history = new History();
  history.machine(newKubemarkMachine('k1'), 'k1', false, 1);
  history.node(node('True', 'k1', 'Crash'), false, 2);
  t.deepEqual(history.lanes, [
    {
      name: 'default/k1',
      spans: [
        { state: 'NoNode', from: 1 },
        { state: 'Ready', from: 2 },
      ],
      marks: [{ at: 2, text: 'Crash' }],
    },
  ]);
});

test('what a Node was, and was told, before anybody knew whose it is stays', (t) => {
  const history = new History();
  const told = node('True', 'k1', 'Crash');
  history.node(told, false, 1);
  history.machine(newKubemarkMachine('k1'), 'k1', false, 2);
  history.node(told, false, 3);
  t.deepEqual(history.lanes, [
    {
      name: 'default/k1',
      spans: [{ state: 'Ready', from: 1 }],
      marks: [{ at: 1, text: 'Crash' }],
    },
  ]);
});

test('a text that is no fault is no mark', (t) => {
  const history = new History();
  history.node(node('True', 'n1', 'NotReady for ever'), false, 1);
  history.node(node('True', 'n1', 'since yesterday: NotReady for 9s'), false, 1);
  history.node(node('True', 'n1', 'NotReady for 9s'), false, 2);
  t.deepEqual(history.lanes[0]?.marks, [{ at: 2, text: 'NotReady for 9s' }]);
});

test('machines of two kinds with one name say their kinds', (t) => {
  const history = new History();
  tell(history, machine(), false, 1);
  history.machine(newKubemarkMachine('worker'), 'worker', false, 1);
  history.machine(newKubemarkMachine('other'), 'other', false, 1);
  t.deepEqual(
    history.lanes.map(({ name }) => name),
    [
      'machine.machine.openshift.io/default/worker',
      'kubemarkmachine.infrastructure.cluster.x-k8s.io/default/worker',
      'default/other',
    ],
  );
});

const range = { from: 0, to: 60 };
const names = 'node alone <b> ';

test('the terminal shows each state with a letter of its own', (t) => {
  const columns = names.length + 60;
  const [worker] = draw(story().lanes, { ...range, columns, rows: 24 }).split('\n');
  const expected = `${'·'.repeat(11)}${'█'.repeat(9)}!${'▒'.repeat(9)}${'?'.repeat(10)}${'×'.repeat(10)}`;
  t.is(worker?.slice(names.length), expected);
});

test('a short failure is seen however much time a character stands for', (t) => {
  const flap = { name: 'n', marks: [], spans: [] as Span[] };
  flap.spans.push({ state: 'Ready', from: 0 });
  flap.spans.push({ state: 'NotReady', from: 1210 }, { state: 'Ready', from: 1215 });
  const [line = ''] = draw([flap], { from: 0, to: 6000, columns: 62, rows: 24 }).split('\n');
  t.is(line, `n ${'█'.repeat(12)}▒${'█'.repeat(47)}`);
});

test('what does not fit into the terminal is counted, and no line is longer than it', (t) => {
  const { lanes } = story();
  const screen = { columns: 70, rows: 5 };
  const fitting = draw(lanes, { ...range, ...screen }).split('\n');
  t.is(fitting.length, 4);
  t.true(fitting.slice(0, 2).every(({ length }) => length <= screen.columns));
  const lines = draw([...lanes, ...lanes], { ...range, ...screen }).split('\n');
  t.is(lines.length, 4);
  t.is(lines[1], '… and 3 more');
});

test('a narrow terminal cuts long names at their beginning, and has room for a legend of two lines', (t) => {
  const [lane] = story().lanes;
  const name = 'default/a-machine-with-a-long-name-of-a-set';
  const lanes = ['x1', 'x2', 'x3', 'x4'].map((suffix) => ({
    spans: [],
    marks: [],
    ...lane,
    name: `${name}-${suffix}`,
  }));
  const screen = { columns: 40, rows: 7 };
  const lines = draw(lanes, { ...range, ...screen }).split('\n');
  t.regex(lines[0] ?? '', /^…\S+-of-a-set-x1 ·/);
  const height = lines.map(({ length }) => Math.max(1, Math.ceil(length / screen.columns)));
  t.is(
    height.reduce((sum, one) => sum + one),
    screen.rows - 1,
    lines.join('\n'),
  );
});

test('the times of the page are in UTC and say so, a midnight says its day', (t) => {
  const midnight = Date.parse('2030-01-02T00:00:00Z');
  const html = page([], { from: midnight - 60_000, to: midnight + 60_000 }, false);
  const times = Array.from(html.matchAll(/<text y="18">([^<]*)/g), ([, text]) => text);
  t.deepEqual(times, ['23:59:00Z', '23:59:30Z', '2030-01-02', '00:00:30Z', '00:01:00Z']);
});

test('the page is one file without anything from elsewhere, and names are text', (t) => {
  const html = page(story().lanes, { from: 0, to: 60 }, false);
  t.notRegex(html, /<script|src=|href=|@import|refresh/);
  t.true(html.includes('node alone &lt;b&gt;'));
  t.is(html.match(/<rect/g)?.length, 6);
  t.regex(page([], { from: 0, to: 0 }, true), /http-equiv="refresh"/);
});
