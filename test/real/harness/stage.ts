import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Lease, Node, NodeCondition } from '#api/core.ts';
import type { Subject } from '../subjects.ts';
import type { Cluster } from './cluster.ts';
import { kubeconfigVia } from './control-plane.ts';
import { eventually } from './eventually.ts';
import { Program } from './program.ts';
import { Relay } from './relay.ts';
import { takeTurn } from './turn.ts';

/** A node of the subject's, as a process that reaches the API server through a cable of its own. */
export class TestNode {
  readonly name: string;
  readonly relay: Relay;
  readonly #cluster: Cluster;
  readonly #subject: Subject;
  readonly #args: readonly string[];
  #program: Program | undefined;

  constructor(name: string, relay: Relay, stage: Stage, args: readonly string[]) {
    this.name = name;
    this.relay = relay;
    this.#cluster = stage.cluster;
    this.#subject = stage.subject;
    this.#args = args;
  }

  async start(): Promise<void> {
    const { controlPlane, folder } = this.#cluster;
    const { command, isUpWhenItSays } = this.#subject;
    const line = [...command(controlPlane.binaries), ...this.#args];
    if (isUpWhenItSays === undefined) {
      this.#program = new Program(this.name, line, folder);
      return;
    }
    await using stack = new AsyncDisposableStack();
    stack.use(await takeTurn('start-of-a-kubemark'));
    const program = new Program(this.name, line, folder);
    this.#program = program;
    await eventually(`${this.name} is up`, () => program.output.includes(isUpWhenItSays));
  }

  /** Resolves when the process has ended. */
  async kill(): Promise<void> {
    const program = this.#program;
    this.#program = undefined;
    await program?.stop();
  }

  get object(): Node | undefined {
    return this.#cluster.nodes.get(this.name);
  }

  get lease(): Lease | undefined {
    return this.#cluster.leases.get(this.name);
  }

  get ready(): NodeCondition | undefined {
    return readyOf(this.object);
  }

  /** Each status that Ready has had, without repetitions. */
  get readyHistory(): string[] {
    const all = this.#cluster.nodes.history(this.name).map((node) => readyOf(node)?.status ?? '');
    return all.filter((status, index) => status !== all[index - 1]);
  }

  /** The keys of its taints, with their effects. */
  get taints(): string[] {
    const taints = this.object?.spec?.taints ?? [];
    return taints.map(({ key, effect }) => `${key}:${effect}`).toSorted();
  }

  /** Until it is Ready and without the taint that every Node is created with. */
  async usable(): Promise<Node> {
    return eventually(`${this.name} is Ready and has no not-ready taint`, () => {
      void this.#program?.output; // throws when it has ended
      const isTainted = this.taints.some((taint) => taint.startsWith('node.kubernetes.io/'));
      return this.ready?.status === 'True' && !isTainted && this.object;
    });
  }
}

/** What a check has to play with. */
export class Stage {
  readonly cluster: Cluster;
  readonly subject: Subject;
  readonly #t: ExecutionContext;

  constructor(t: ExecutionContext, cluster: Cluster, subject: Subject) {
    this.#t = t;
    this.cluster = cluster;
    this.subject = subject;
  }

  /** Starts a node that ends with the test. @param role makes its name unique */
  async startNode(role: string, ...args: string[]): Promise<TestNode> {
    const { controlPlane, folder } = this.cluster;
    const name = `${this.subject.name}-${role}`;
    const relay = await Relay.open(controlPlane.url);
    const kubeconfig = join(folder, name);
    await writeFile(kubeconfig, await kubeconfigVia(relay.url, controlPlane));
    const node = new TestNode(name, relay, this, [
      '--morph=kubelet',
      `--name=${name}`,
      `--kubeconfig=${kubeconfig}`,
      '--kubelet-port=0',
      '--kubelet-read-only-port=0',
      '--kube-api-content-type=application/json', // all that the embedded server speaks
      ...args,
    ]);
    this.#t.teardown(async () => {
      await using stack = new AsyncDisposableStack();
      stack.use(relay);
      await node.kill();
    });
    await node.start();
    return node;
  }
}

export function readyOf(node: Node | undefined): NodeCondition | undefined {
  return node?.status?.conditions?.find(({ type }) => type === 'Ready');
}
