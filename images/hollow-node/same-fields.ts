/** The fields of `object` that `model` has too: what a writer of those fields may compare. */
export function sameFields(object: object, model: object): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => Object.hasOwn(model, name)));
}
