/** The command behind `make release-manifests`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '#runtime/error-text.ts';
import { FlagError } from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { clusterctlFiles } from './clusterctl-files.ts';
import { checksumLine, installFile } from './install-file.ts';
import { parseOptions, program, type ReleaseOptions } from './options.ts';

const folder = 'dist';

async function release(options: ReleaseOptions): Promise<void> {
  const files = {
    'install.yaml': await installFile(options),
    ...(await clusterctlFiles(options)),
  };
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const checksums = Object.entries(files).map(([name, content]) => checksumLine(name, content));
  await writeFile(join(folder, 'sha256sums.txt'), checksums.join(''));
  console.log(
    [...Object.keys(files), 'sha256sums.txt'].map((name) => join(folder, name)).join('\n'),
  );
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage(program));
  else await release(options);
} catch (error) {
  const isTheirs = error instanceof FlagError;
  console.error(`${program.name}: ${isTheirs ? error.message : describeError(error)}`);
  process.exitCode = isTheirs ? 2 : 1;
}
