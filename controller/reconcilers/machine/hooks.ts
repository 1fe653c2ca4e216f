/** Lifecycle hooks: what others want to do before a machine goes. They remove them when they have. */
import type { LifecycleHooks } from '#api/machine/v1beta1/machine.ts';
import { MachineCondition, findCondition, setCondition } from './conditions.ts';
import * as events from './events.ts';
import { listed } from './listed.ts';
import { providerStatusOf } from './provider-status.ts';
import type { Scope } from './scope.ts';

export type HookStage = keyof LifecycleHooks;

const conditionTypes = {
  preDrain: MachineCondition.drainable,
  preTerminate: MachineCondition.terminable,
} as const;

const heldSteps = { preDrain: 'the drain', preTerminate: 'the end of the instance' } as const;

/** Tells in conditions whether hooks hold the machine, or would; machines that never had any have none. */
export function judgeHooks(
  { machine, conditions }: Pick<Scope, 'machine' | 'conditions'>,
  now: string,
): void {
  for (const stage of ['preDrain', 'preTerminate'] as const) {
    const type = conditionTypes[stage];
    const hooks = machine.spec?.lifecycleHooks?.[stage] ?? [];
    if (hooks.length > 0) {
      const names = listed(hooks.map(({ name, owner }) => `${name} (${owner})`));
      const message = `${stage} hooks hold ${heldSteps[stage]}: ${names}`;
      const severity = 'Warning';
      setCondition(
        conditions,
        { type, status: 'False', severity, reason: 'HookPresent', message },
        now,
      );
    } else if (findCondition(conditions, type) !== undefined) {
      setCondition(conditions, { type, status: 'True' }, now);
    }
  }
}

type HeldScope = Pick<Scope, 'machine' | 'conditions' | 'news' | 'waiting'>;

/** Whether hooks hold the deletion at this stage; then the status says so, and an event once. */
export function isHeld(scope: HeldScope, stage: HookStage): boolean {
  const condition = findCondition(scope.conditions, conditionTypes[stage]);
  if (condition?.status !== 'False') return false;
  const { message = '' } = condition;
  const reason = 'WaitingForHooks';
  scope.waiting = { reason, message };
  const told = providerStatusOf(scope.machine.status ?? {});
  const isTold = told.reason === reason && told.message === message;
  if (!isTold) scope.news.push(events.held(stage, message));
  return true;
}
