import type { Pod } from '#api/core.ts';
import { parseQuantity, quantityValue } from '#api/quantity.ts';

/** Whole amounts by resource name: millicores for `cpu`, else bytes, devices, … */
export type Resources = Readonly<Record<string, number>>;

type Quantities = Readonly<Record<string, string>>;

export function parseResources(quantities: Quantities = {}): Resources {
  return Object.fromEntries(
    Object.entries(quantities).map(([name, text]) => [name, parseAmount(name, text)]),
  );
}

function parseAmount(name: string, text: string): number {
  // The API server admits no finer share of a core than 1m; rounding hides binary fractions.
  return name === 'cpu' ? Math.round(quantityValue(text) * 1000) : Number(parseQuantity(text));
}

/**
 * What a Pod needs while it runs or starts: its containers together, or more if an init container
 * asks for more; sidecars (init containers that are restarted) keep theirs.
 */
export function requestsOf(pod: Pod): Resources {
  const { containers, initContainers = [], overhead } = pod.spec ?? { containers: [] };
  let sidecars: Resources = {};
  let starting: Resources = {};
  for (const container of initContainers) {
    const requests = parseResources(container.resources?.requests);
    if (container.restartPolicy === 'Always') {
      sidecars = add(sidecars, requests);
      starting = largest(starting, sidecars);
    } else {
      starting = largest(starting, add(sidecars, requests));
    }
  }
  const running = containers
    .map((container) => parseResources(container.resources?.requests))
    .reduce(add, sidecars);
  return add(largest(running, starting), parseResources(overhead));
}

export function add(a: Resources, b: Resources): Resources {
  return combine(a, b, (x, y) => x + y);
}

export function subtract(a: Resources, b: Resources): Resources {
  return combine(a, b, (x, y) => x - y);
}

function largest(a: Resources, b: Resources): Resources {
  return combine(a, b, Math.max);
}

function combine(a: Resources, b: Resources, merge: (x: number, y: number) => number): Resources {
  const result: Record<string, number> = { ...a };
  for (const [name, amount] of Object.entries(b)) result[name] = merge(a[name] ?? 0, amount);
  return result;
}
