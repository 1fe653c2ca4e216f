import {
  machineHealthChecks,
  type MachineHealthCheck,
} from '#api/machine/v1beta1/machine-health-check.ts';
import { timestamp } from '#api/timestamp.ts';
import type { ObjectKey } from '#runtime/client/client.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { patchOnExit } from '#runtime/client/patch.ts';
import { forEachOf } from '#runtime/for-each.ts';
import { done, TerminalError } from '#runtime/reconcile.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { noticesOf, refusalIn } from './news.ts';
import { Pace } from './pace.ts';
import { planRemediation, type Plan } from './plan.ts';
import { exemptionOf, remediate } from './remediate.ts';
import { isForOthers, isPaused, readRules, type Rules } from './rules.ts';
import { targetsOf, type Deps } from './scope.ts';
import { summarize, summarizeInvalid } from './status.ts';
import { Told } from './told.ts';

/** How many Machines are deleted at the same time. */
const concurrency = 10;

/**
 * Deletes Machines that are not healthy for too long, for their controllers to replace them.
 *
 * Promises: none while more than `maxUnhealthy` are not healthy; none that no controller owns; none that
 * is healthy by now. Comes back when the next Machine runs out of time, and otherwise only for changes,
 * once a second at most.
 */
export class MachineHealthCheckReconciler implements Reconciler {
  readonly #deps: Deps;
  readonly #pace: Pace;
  readonly #told = new Told();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#pace = new Pace(deps.clock);
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const check = this.#deps.checks.get(key);
    if (check === undefined) {
      this.#pace.forget(key);
      this.#told.forget(key);
      return done;
    }
    if (isPaused(check) || check.metadata.deletionTimestamp !== undefined) return done;
    const pause = this.#pace.wait(key);
    if (pause > 0) return { requeueAfter: pause };
    try {
      return await this.#look(context, check);
    } catch (error) {
      this.#pace.forget(key); // the backoff says when to look again
      throw error;
    }
  }

  async #look(context: Context, check: MachineHealthCheck): Promise<Result> {
    const rules = readRules(check.spec);
    if (typeof rules === 'string') return this.#refuse(context, check, rules);
    const plan = planRemediation(targetsOf(this.#deps, check), rules, this.#deps.clock.now());
    await this.#report(context, check, plan, rules);
    if (plan.isAllowed && !isForOthers(check)) await this.#remediate(context, check, plan, rules);
    if (plan.nextDeadline === undefined) return done;
    return { requeueAfter: Math.max(plan.nextDeadline - this.#deps.clock.now(), 0) };
  }

  /** Before anything is deleted: whoever is told of a deletion can read why it was allowed. */
  async #report(
    context: Context,
    check: MachineHealthCheck,
    plan: Plan,
    { maxUnhealthy = '100%' }: Rules,
  ): Promise<void> {
    const { clock, events } = this.#deps;
    const limits = { maxUnhealthy, isForOthers: isForOthers(check) };
    const before = check.status ?? {};
    await this.#write(context, check, summarize(before, plan, limits, timestamp(clock.now())));
    const all = isForOthers(check) ? [] : noticesOf(plan);
    const notices = new Map(all.map((notice) => [notice.id, notice]));
    for (const id of this.#told.newsOf(keyOf(check), notices.keys())) {
      const notice = notices.get(id);
      if (notice) events.event(notice.machine, notice.type, notice.reason, notice.message);
    }
  }

  async #remediate(
    context: Context,
    check: MachineHealthCheck,
    { unhealthy }: Plan,
    rules: Rules,
  ): Promise<void> {
    const replaceable = unhealthy.filter(({ machine }) => exemptionOf(machine) === undefined);
    await forEachOf(replaceable, concurrency, (sick) =>
      remediate(this.#deps, context, check, rules, sick),
    );
  }

  /** @throws TerminalError: the user has to correct the spec */
  async #refuse(context: Context, check: MachineHealthCheck, message: string): Promise<never> {
    const now = timestamp(this.#deps.clock.now());
    await this.#write(context, check, summarizeInvalid(check.status ?? {}, message, now));
    throw new TerminalError(message);
  }

  async #write(
    { signal }: Context,
    check: MachineHealthCheck,
    status: NonNullable<MachineHealthCheck['status']>,
  ): Promise<void> {
    const { client, checks, events } = this.#deps;
    const observe = (answer: MachineHealthCheck): void => checks.observe(answer);
    const target = { client, kind: machineHealthChecks, stored: check, signal, observe };
    await patchOnExit(target, async ({ object }) => {
      object.status = status;
    });
    const refusal = refusalIn(check.status, status);
    if (refusal) events.event(check, 'Warning', 'RemediationRestricted', refusal);
  }
}
