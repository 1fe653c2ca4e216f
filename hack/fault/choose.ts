import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { fraction } from '#api/faults/schedule.ts';

/**
 * A share of the machines, at least one of any: always the same ones for the same seed, and with a larger
 * share the same ones and more.
 */
export function choose(machines: readonly Machine[], percent: number, seed: number): Machine[] {
  const rank = ({ metadata }: Machine): number =>
    fraction(`${metadata.namespace}/${metadata.name}`, seed);
  const count = Math.ceil((machines.length * percent) / 100);
  return machines.toSorted((one, other) => rank(one) - rank(other)).slice(0, count);
}
