import { fileURLToPath } from 'node:url';
import { run } from '../run.ts';

/** What Debian 12's source package `kubernetes` really is; `build.sh` has it too. */
export const debianVersion = '1.20.2';

const script = fileURLToPath(new URL('../build.sh', import.meta.url));

export interface Build {
  /** Gets each program as it is finished: those of a full control plane, kubemark, and `more`. */
  folder: string;
  more: readonly string[];
  platform: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** @throws Error why this machine cannot build them */
export async function buildFromDebian(build: Build): Promise<void> {
  const { folder, more, platform, say, signal } = build;
  if (!platform.startsWith('linux-')) throw new Error(`${platform} has no Debian packages`);
  say(`Building Kubernetes ${debianVersion} from Debian's packages: 8 minutes on two cores, once`);
  await run('sh', [script, folder, ...more], { signal, onLine: (line) => say(`  ${line}`) });
}
