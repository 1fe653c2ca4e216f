type Json = Record<string, unknown>;

/** The lists that are merged by a key, of the kinds that tests patch so. */
const mergeKeys: Readonly<Record<string, string>> = {
  addresses: 'type',
  conditions: 'type',
  hostIPs: 'ip',
  podIPs: 'ip',
};

/** A strategic merge patch, as far as kubelets use it. */
export function strategicMerge(target: object, patch: object): object {
  const merged: Json = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    const mergeKey = mergeKeys[name];
    if (name.startsWith('$')) continue;
    else if (value === null) delete merged[name];
    else if (Array.isArray(value) && mergeKey)
      merged[name] = mergeList(merged[name], value, mergeKey);
    else if (isObject(value)) merged[name] = strategicMerge(asObject(merged[name]), value);
    else merged[name] = value;
  }
  for (const [name, order] of Object.entries(patch)) {
    const list = name.replace('$setElementOrder/', '');
    if (list !== name) merged[list] = inOrder(merged[list], order, mergeKeys[list] ?? '');
  }
  return merged;
}

function mergeList(target: unknown, patches: unknown[], key: string): unknown[] {
  const items = new Map(asList(target).map((item) => [asObject(item)[key], item]));
  for (const patch of patches) {
    const value = asObject(patch)[key];
    items.set(value, strategicMerge(asObject(items.get(value)), asObject(patch)));
  }
  return [...items.values()];
}

/** Items that the order does not name come first. */
function inOrder(target: unknown, order: unknown, key: string): unknown[] {
  const values = asList(order).map((item) => asObject(item)[key]);
  return asList(target).toSorted(
    (one, other) => values.indexOf(asObject(one)[key]) - values.indexOf(asObject(other)[key]),
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
