/**
 * Who is put to the test: our hollow node and, as the control, the real kubemark. Both go through the
 * same checks; what is known to differ is written here, and in images/hollow-node/README.md.
 */
import { join } from 'node:path';

export interface Subject {
  readonly name: string;
  /** The command line that users type, without flags. */
  command(this: void, binaries: string): string[];
  /** What it says when others may start, who would disturb it before. */
  readonly isUpWhenItSays?: string;
  readonly differences: Differences;
}

export interface Differences {
  /** What Ready has been, from the registration on, when nothing goes wrong (docs/adr/0007). */
  readonly readyAtStart: readonly string[];
  /** What a container that is started has been, in order. */
  readonly containerStates: readonly string[];
  /** Phases of a Running Pod after a restart of its node: kubemark's containers live in its process. */
  readonly phasesAfterRestart: readonly string[];
  /** How a Pod with an init container, which never exits in kubemark, goes on. */
  readonly phaseWithInitContainer: 'Pending' | 'Running';
  /** Whether each Pod has an address of its own, as in a real cluster. */
  readonly hasOwnPodAddresses: boolean;
  /** Whether the lease of a Node that was deleted is written again, and stays for ever. */
  readonly leaksLease: boolean;
}

const root = join(import.meta.dirname, '..', '..');

export const hollowNode: Subject = {
  name: 'hollow-node',
  command: () => [
    process.execPath,
    '--max-semi-space-size=1',
    join(root, 'images', 'hollow-node', 'kubemark.ts'),
  ],
  differences: {
    readyAtStart: ['True'],
    containerStates: ['running'],
    phasesAfterRestart: [],
    phaseWithInitContainer: 'Running',
    hasOwnPodAddresses: true,
    leaksLease: false,
  },
};

export const kubemark: Subject = {
  name: 'kubemark',
  command: (binaries) => [join(binaries, 'kubemark')],
  isUpWhenItSays: 'Attempting to register node',
  differences: {
    readyAtStart: ['False', 'True'],
    containerStates: ['waiting', 'running'],
    phasesAfterRestart: ['Pending', 'Running'],
    phaseWithInitContainer: 'Pending',
    hasOwnPodAddresses: false,
    leaksLease: true,
  },
};

export const subjects = [hollowNode, kubemark];
