import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  ChoiceError,
  chooseState,
  newFolder,
  readStates,
  removeState,
  stateFolder,
  writeState,
  type State,
} from './state.ts';
import { temporaryFolder } from './testing.ts';

function stateIn(folder: string): State {
  return {
    folder,
    binaries: '/bin',
    isFull: false,
    url: 'https://127.0.0.1:1',
    etcd: 'http://127.0.0.1:2',
    kubeconfig: join(folder, 'kubeconfig'),
    isReady: true,
    processes: [{ name: 'etcd', pid: 1, startTime: '4711' }],
  };
}

test('states are kept by the XDG base directories', (t) => {
  const rest = 'cluster-api-provider-kubemark/control-planes';
  t.is(stateFolder({ XDG_STATE_HOME: '/state' }), `/state/${rest}`);
  t.is(stateFolder({}), join(homedir(), '.local', 'state', rest));
});

test('a state is read as it was written, until it is removed', async (t) => {
  const parent = join(await temporaryFolder(t), 'control-planes');
  t.deepEqual(await readStates(parent), []);
  const states = [stateIn(await newFolder(parent)), stateIn(await newFolder(parent))];
  for (const state of states) await writeState(state);
  await mkdir(join(parent, 'about-to-start'));
  const byFolder = Map.groupBy(await readStates(parent), ({ folder }) => folder);
  t.is(byFolder.size, 2);
  for (const state of states) t.deepEqual(byFolder.get(state.folder), [state]);
  for (const state of states) await removeState(state);
  t.deepEqual(await readStates(parent), []);
});

test('KUBECONFIG says which control plane is meant', (t) => {
  const [a, b] = [stateIn('/state/a'), stateIn('/state/b')];
  t.is(chooseState([a, b], '/state', '/state/b/kubeconfig'), b);
  t.throws(() => chooseState([a], '/state', '/state/b/kubeconfig'), {
    instanceOf: ChoiceError,
    message: 'the control plane of /state/b/kubeconfig is gone',
  });
});

test('without it the only control plane is meant', (t) => {
  const [a, b] = [stateIn('/state/a'), stateIn('/state/b')];
  for (const kubeconfig of [undefined, '', '/home/me/.kube/config']) {
    t.is(chooseState([a], '/state', kubeconfig), a);
    t.throws(() => chooseState([], '/state', kubeconfig), { message: 'there is no control plane' });
    t.throws(() => chooseState([a, b], '/state', kubeconfig), {
      instanceOf: ChoiceError,
      message:
        'there are 2 control planes: say which by KUBECONFIG, or --all to stop\n  /state/a/kubeconfig\n  /state/b/kubeconfig',
    });
  }
});
