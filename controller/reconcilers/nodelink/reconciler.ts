import { nodes, type Node } from '#api/core.ts';
import { machineAnnotation, staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import type { Machine, MachineStatus } from '#api/machine/v1beta1/machine.ts';
import { timestamp } from '#api/timestamp.ts';
import { providerIDFor } from '#controller/hollow-pod/names.ts';
import type { Cache } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { ifFound, isInvalid } from '#runtime/client/errors.ts';
import { keyOf, parseKey } from '#runtime/client/object-key.ts';
import { patchOnExit } from '#runtime/client/patch.ts';
import type { Clock } from '#runtime/clock.ts';
import { messageOf } from '#runtime/error-text.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import {
  done,
  TerminalError,
  type Context,
  type Reconciler,
  type Result,
} from '#runtime/reconcile.ts';
import { matchOf } from './match.ts';
import { dress } from './node-metadata.ts';

export interface Deps {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly machines: Cache<Machine>;
  readonly nodes: Cache<Node>;
  /** Nodes of other namespaces' Machines are somebody else's; empty: all are ours. */
  readonly namespace: string;
}

/**
 * Milliseconds. A machine controller knows its own Nodes by provider ID and refers to them with whatever
 * else it has to say of the machine then: one write less for each.
 */
const patience = 3_000;

/**
 * Tells Machine and Node of each other: the Machine's `status.nodeRef`; on the Node, the name of its
 * Machine and the labels, annotations and taints that the Machine gives it.
 *
 * Promises: a link is the only one possible, or there is none; what a Machine no longer gives goes from
 * the Node, and nothing else does; a Node that vanishes stays referred to, so that a health check sees
 * that it is gone. Keyed by Node; remembers nothing between two runs.
 */
export class NodeLinkReconciler implements Reconciler {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const node = this.#deps.nodes.get(key);
    if (node === undefined || node.metadata.deletionTimestamp !== undefined) return done;
    const match = matchOf(node, this.#deps);
    switch (match.type) {
      case 'linked':
        await this.#dress(context, node, match.machine);
        return this.#refer(context, match.machine, node);
      case 'none':
        if (await this.#isForsaken(context, node)) await this.#dress(context, node, undefined);
        break;
      case 'ambiguous':
        this.#deps.events.event(node, 'Warning', 'AmbiguousMachine', match.message);
        throw new TerminalError(match.message); // who changes one of the rivals brings us back
    }
    return done;
  }

  async #refer(context: Context, machine: Machine, node: Node): Promise<Result> {
    const { client, clock, events, machines: cache } = this.#deps;
    const { name = '', uid = '', creationTimestamp = '' } = node.metadata;
    const before = machine.status?.nodeRef;
    if (before?.name === name && before.uid === uid) return done;
    const age = clock.now() - Date.parse(creationTimestamp);
    if (isOwn(machine, node) && age < patience) {
      return { requeueAfter: Math.min(patience - age, patience) }; // clocks differ
    }
    context.log.info('Linking Machine and Node', { Machine: keyOf(machine) });
    const status: MachineStatus = {
      ...machine.status,
      nodeRef: { kind: nodes.kind, name, uid },
      lastUpdated: timestamp(clock.now()),
    };
    const observe = (answer: Machine): void => cache.observe(answer);
    const target = { client, kind: cache.kind, stored: machine, signal: context.signal, observe };
    await patchOnExit(target, async ({ object }) => {
      object.status = status;
    });
    if (before !== undefined) {
      events.event(machine, 'Normal', 'NodeRegistered', `The Node ${name} is registered again`);
    }
    return done;
  }

  async #dress(context: Context, node: Node, machine: Machine | undefined): Promise<void> {
    const { client, events, machines, nodes: cache } = this.#deps;
    const observe = (answer: Node): void => cache.observe(answer);
    const target = { client, kind: nodes, stored: node, signal: context.signal, observe };
    try {
      await patchOnExit(target, async ({ object }) => dress(object, machines.kind, machine));
    } catch (error) {
      if (machine === undefined || !isInvalid(error)) throw error;
      // Also the answer when another Node has that name by now.
      const current = await ifFound(client.get(nodes, keyOf(node), { signal: context.signal }));
      if (current?.metadata.uid !== node.metadata.uid) throw error;
      const message = `Node ${node.metadata.name} cannot be given what spec asks for: ${messageOf(error)}`;
      events.event(machine, 'Warning', 'InvalidNodeMetadata', message);
      throw new TerminalError(message);
    }
  }

  /** Whether the Node carries the name of a Machine that is gone, or has another Node now. */
  async #isForsaken({ signal }: Context, { metadata }: Node): Promise<boolean> {
    const { client, machines, namespace } = this.#deps;
    const key = parseKey(metadata.annotations?.[machineAnnotation(machines.kind)] ?? '');
    if (key.namespace === '' || (namespace !== '' && key.namespace !== namespace)) return false;
    // Not from the cache, which may be behind after a restart.
    const machine = await ifFound(client.get(machines.kind, key, { signal }));
    return machine?.status?.nodeRef?.uid !== metadata.uid;
  }
}

/** Whether the Node is a hollow one that was made for this Machine: its controller tells of it. */
function isOwn({ metadata, spec }: Machine, node: Node): boolean {
  const isStatic = metadata.annotations?.[staticMachineAnnotation] !== undefined;
  const ownID = providerIDFor(node.metadata.name ?? '');
  return !isStatic && spec?.providerID === ownID && node.spec?.providerID === ownID;
}
