import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { temporaryFolder } from '../testing.ts';
import { missingPackages } from './packages.ts';
import { prepareNode } from './node.ts';

test('a package is missing when its file is', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'runc'), '');
  const wanted = { runc: join(folder, 'runc'), containerd: join(folder, 'containerd') };
  t.deepEqual(await missingPackages(wanted), ['containerd']);
});

test('a state folder that the node would not see is refused before anything happens', async (t) => {
  const preparation = {
    cache: '/nowhere',
    parent: '/var/lib/ci/state',
    say: (line: string) => t.fail(line),
    signal: new AbortController().signal,
  };
  const message = process.getuid?.() === 0 ? /set XDG_STATE_HOME/ : /needs (root|Linux)/;
  await t.throwsAsync(prepareNode(preparation), { name: 'NodeError', message });
});
