import { checkFaults } from './check.ts';
import { decodeFaults, type Fault } from './decode.ts';
import { parseFaultText } from './text.ts';

/**
 * Faults from the text that people type.
 *
 * @param nodeName decides about the jitter of faults without a seed
 * @param path where the text was found, for messages
 * @throws ConfigurationError
 */
export function readFaults(text: string, nodeName: string, path: string): Fault[] {
  return decodeFaults(checkFaults(parseFaultText(text), path), nodeName);
}
