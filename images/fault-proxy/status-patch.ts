import type { NodeCondition } from '#api/core.ts';
import type { ConditionValue } from '#api/faults/conditions.ts';
import { isObject, type JsonObject } from '#api/json.ts';

type Conditions = readonly NodeCondition[];

/** A condition in a kubelet's patch: only what differs from what the kubelet has read. */
type ConditionPatch = JsonObject & { type: string };

/** The conditions in the body of a status patch. */
export function conditionsIn(patch: unknown): ConditionPatch[] {
  const status = isObject(patch) ? patch['status'] : undefined;
  const conditions = isObject(status) ? status['conditions'] : undefined;
  return Array.isArray(conditions) ? conditions.filter(isConditionPatch) : [];
}

function isConditionPatch(value: unknown): value is ConditionPatch {
  return isObject(value) && typeof value['type'] === 'string';
}

/**
 * What the kubelet says, as far as the patch tells: a field that is missing is as it is stored. A
 * condition of which only the heartbeat moves says nothing: what it was compared with may be old.
 */
export function saidIn(patch: unknown, stored: Conditions): ConditionValue[] {
  return conditionsIn(patch).flatMap((said) => {
    const { type } = said;
    const before = stored.find((condition) => condition.type === type);
    const pick = (name: 'status' | 'reason' | 'message'): string | undefined => {
      const value = said[name];
      return typeof value === 'string' ? value : undefined;
    };
    const [status, reason, message] = [pick('status'), pick('reason'), pick('message')];
    if (status === undefined && reason === undefined && message === undefined) return [];
    return {
      type,
      status: status ?? before?.status ?? 'Unknown',
      reason: reason ?? before?.reason ?? '',
      message: message ?? before?.message ?? '',
    };
  });
}

export interface Rewriting {
  /** Decided by faults. */
  decided: readonly ConditionValue[];
  stored: Conditions;
  /** RFC 3339, whole seconds. */
  now: string;
  /** Heartbeats are late, so one that there is only because of faults must not stand in for them. */
  isSlow?: boolean;
}

/**
 * The patch with what faults decide in place of what the kubelet found. Transition times stay what they
 * are where the status does: a kubelet that has read another state gives a new one.
 */
export function rewritten(
  patch: unknown,
  { decided, stored, now, isSlow = false }: Rewriting,
): unknown {
  const said = conditionsIn(patch);
  if (!isObject(patch) || said.length === 0) return patch;
  const conditions = said.map((condition) => {
    const { type } = condition;
    const before = stored.find((one) => one.type === type);
    const value = decided.find((one) => one.type === type);
    const status = value?.status ?? condition['status'] ?? before?.status;
    const isSame = before !== undefined && before.status === status;
    if (value === undefined && !(isSame && 'lastTransitionTime' in condition)) return condition;
    const lastTransitionTime = (isSame ? before.lastTransitionTime : undefined) ?? now;
    return { ...condition, ...value, lastTransitionTime };
  });
  const isObjection =
    saidIn(patch, stored).length > 0 && conditions.every((one) => isStored(one, stored));
  const sent = isSlow && isObjection ? conditions.map(withoutHeartbeat) : conditions;
  const status = isObject(patch['status']) ? patch['status'] : {};
  return { ...patch, status: { ...status, conditions: sent } };
}

/**
 * Whether it moves nothing but times. If so although the kubelet said something, it only objects to what
 * faults decide: at each sync, which a kubelet that is as they say does not.
 */
function isStored({ type, ...fields }: ConditionPatch, stored: Conditions): boolean {
  const before = stored.find((one) => one.type === type);
  return (['status', 'reason', 'message'] as const).every(
    (name) => fields[name] === undefined || fields[name] === before?.[name],
  );
}

function withoutHeartbeat(condition: ConditionPatch): ConditionPatch {
  const { lastHeartbeatTime: _, ...kept } = condition;
  return kept;
}

/** The values that are not stored as they should be, with their times. */
export function outstanding(
  values: readonly ConditionValue[],
  stored: Conditions,
  now: string,
): NodeCondition[] {
  return values.flatMap((value) => {
    const before = stored.find(({ type }) => type === value.type);
    const isSame = before?.status === value.status;
    if (isSame && before.reason === value.reason && before.message === value.message) return [];
    const lastTransitionTime = (isSame ? before.lastTransitionTime : undefined) ?? now;
    return { ...value, lastHeartbeatTime: now, lastTransitionTime };
  });
}
