import type { KubemarkFlags } from '#hollow-node/options.ts';
import { kubemark } from '#hollow-node/options.ts';
import { parseFlags } from '#runtime/flags.ts';

/** The flags of a kubemark started with these arguments. */
export function kubemarkFlags(...args: string[]): KubemarkFlags {
  const flags = parseFlags(kubemark, args);
  if (flags === 'help') throw new Error('these arguments ask for help');
  return flags;
}
