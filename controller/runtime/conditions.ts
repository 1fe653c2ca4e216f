/** `meta/v1 Condition`. */
export interface Condition {
  type: string;
  status: string;
  observedGeneration?: number;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

/**
 * The list with this condition in it. `lastTransitionTime` moves with the status and at no other time:
 * health checks count from it. What others have written stays.
 *
 * @param now RFC 3339
 */
export function setCondition(
  conditions: readonly Condition[],
  condition: Omit<Condition, 'lastTransitionTime'>,
  now: string,
): Condition[] {
  const old = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now;
  const updated = { ...condition, lastTransitionTime };
  return old === undefined
    ? [...conditions, updated]
    : conditions.map((one) => (one === old ? updated : one));
}
