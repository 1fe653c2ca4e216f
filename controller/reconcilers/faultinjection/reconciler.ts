import { ConfigurationError } from '#api/configuration-error.ts';
import { nodes, type Node } from '#api/core.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import { decodeProviderConfig } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import type { InjectedFault } from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { Cache } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { patchOnExit } from '#runtime/client/patch.ts';
import type { Clock } from '#runtime/clock.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { done, type Context, type Reconciler, type Result } from '#runtime/reconcile.ts';
import { decide, describe, type Decision } from '#controller/hollow-pod/fault-injection.ts';

export interface Deps {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly machines: Cache<Machine>;
  readonly nodes: Cache<Node>;
}

/**
 * Makes the node of a running Machine fail when an annotation on the Machine asks for it.
 *
 * Promises: what is injected, since when and until when stands in the Machine's status and in its
 * events; it is injected once, whatever restarts; when it is over the annotations go, so that the same can
 * be asked for again. Writes the annotation of that name on the Node, and on the Machine
 * `status.providerStatus.fault`; removes the Machine's annotation. Who makes the Node fail reads the Node's.
 */
export class FaultInjectionReconciler implements Reconciler {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const { machines: cache, nodes: nodeCache, clock } = this.#deps;
    const machine = cache.get(key);
    if (machine === undefined) return done;
    const nodeName = machine.status?.nodeRef?.name ?? '';
    const record = recordOf(machine);
    const value = machine.metadata.annotations?.[faultAnnotation];
    // One on its way out begins nothing any more, but may be healed, so that its drain can end.
    if (machine.metadata.deletionTimestamp !== undefined && value !== undefined) return done;
    const isFallible = value !== undefined && canFail(machine);
    const decision = decide({ value, record, nodeName, isFallible, now: clock.now() });
    // A mistake is told at once; what is to begin waits for the registration, which brings us back.
    if (decision.type === 'active' && nodeName === '') return done;
    const node = nodeCache.get({ namespace: '', name: nodeName });
    switch (decision.type) {
      case 'none':
        return done;
      case 'active':
        return this.#keep(context, machine, node, decision);
      case 'invalid':
        return this.#refuse(context, machine, node, decision);
      case 'over':
      case 'takenBack':
        break;
    }
    await this.#annotate(context, node, undefined);
    await this.#write(context, machine, undefined);
    this.#recordEnd(machine, decision.ended);
    return done;
  }

  async #keep(
    context: Context,
    machine: Machine,
    node: Node | undefined,
    { record, value, until, isNew, ended }: Extract<Decision, { type: 'active' }>,
  ): Promise<Result> {
    // Recorded before it happens: after a crash of ours it is the same fault, not another.
    if (isNew) {
      await this.#write(context, machine, record);
      this.#recordEnd(machine, ended);
      this.#record(machine, 'Normal', 'FaultInjected', describe(record));
    }
    await this.#annotate(context, node, value);
    return Number.isFinite(until) ? { requeueAfter: until - this.#deps.clock.now() } : done;
  }

  async #refuse(
    context: Context,
    machine: Machine,
    node: Node | undefined,
    { record, isNew, ended }: Extract<Decision, { type: 'invalid' }>,
  ): Promise<Result> {
    if (!isNew) return done;
    await this.#annotate(context, node, undefined);
    await this.#write(context, machine, record);
    this.#recordEnd(machine, ended);
    this.#record(machine, 'Warning', 'InvalidFault', record.error ?? '');
    return done;
  }

  /** Nothing to do for a Node that is gone: another one of its name is another Node. */
  async #annotate(
    context: Context,
    node: Node | undefined,
    value: string | undefined,
  ): Promise<void> {
    const { client, nodes: cache } = this.#deps;
    if (node === undefined || node.metadata.annotations?.[faultAnnotation] === value) return;
    context.log.info('Telling the node its fault', { Node: keyOf(node), fault: value });
    const observe = (answer: Node): void => cache.observe(answer);
    const target = { client, kind: nodes, stored: node, signal: context.signal, observe };
    await patchOnExit(target, async ({ object }) => {
      const { [faultAnnotation]: _, ...annotations } = object.metadata.annotations ?? {};
      object.metadata.annotations = annotations;
      if (value !== undefined) annotations[faultAnnotation] = value;
    });
  }

  /** `undefined`: nobody asks for anything any more. */
  async #write(
    context: Context,
    machine: Machine,
    record: InjectedFault | undefined,
  ): Promise<void> {
    const { client, machines: cache } = this.#deps;
    const observe = (answer: Machine): void => cache.observe(answer);
    const target = { client, kind: cache.kind, stored: machine, signal: context.signal, observe };
    await patchOnExit(target, async ({ object }) => {
      const { fault: _, ...providerStatus } = object.status?.providerStatus ?? {};
      object.status = {
        ...object.status,
        providerStatus: { ...providerStatus, ...(record && { fault: record }) },
      };
      if (record !== undefined || object.metadata.annotations === undefined) return;
      delete object.metadata.annotations[faultAnnotation];
    });
  }

  #recordEnd(machine: Machine, ended: string | undefined): void {
    if (ended !== undefined) this.#record(machine, 'Normal', 'FaultEnded', ended);
  }

  #record(machine: Machine, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#deps.events.event(machine, type, reason, message);
  }
}

/** Of a machine without a configuration that can be read nothing is known. */
function canFail({ spec }: Machine): boolean {
  const options = { path: '', defaultImage: 'default' };
  try {
    const { config } = decodeProviderConfig(spec?.providerSpec?.value, options);
    return config.runtime === 'HollowNode' || config.faultInjector === 'Proxy';
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return true;
  }
}

function recordOf({ status }: Machine): InjectedFault | undefined {
  // Trusted to be ours.
  return (status?.providerStatus as { fault?: InjectedFault } | undefined)?.fault;
}
