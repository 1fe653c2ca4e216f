import { readCheckedFaults } from '#api/faults/checked.ts';
import type { Fault } from '#api/faults/decode.ts';
import { messageOf } from '#runtime/error-text.ts';
import { FlagError, stringFlag, type FlagValues } from '#runtime/flags.ts';

/** The same for hollow node and fault proxy. */
export const faultFlags = {
  'checked-faults': stringFlag({
    default: '',
    help: 'Faults as JSON that somebody has checked: what a manager passes, to save memory',
    check: (json) => readCheckedFaults(json, ''),
  }),
  faults: stringFlag({
    default: '',
    help: 'What goes wrong and when: `"NotReady after 40s for 5s every 45s; …"`, or JSON',
  }),
};

/**
 * What they say, for a node of that name, which decides about jitter.
 *
 * @throws FlagError, also later, for faults that are wrong
 */
export async function readFaultFlags({
  'checked-faults': json,
  faults: text,
}: FlagValues<typeof faultFlags>): Promise<(nodeName: string) => Fault[]> {
  if (text === '') return (nodeName) => readCheckedFaults(json, nodeName);
  // Only here: checking what people write takes memory that most nodes need not pay for.
  const { readFaults } = await import('#api/faults/read.ts');
  return (nodeName) => {
    try {
      return [...readCheckedFaults(json, nodeName), ...readFaults(text, nodeName, 'faults')];
    } catch (error) {
      throw new FlagError(`invalid argument for "--faults" flag: ${messageOf(error)}`);
    }
  };
}
