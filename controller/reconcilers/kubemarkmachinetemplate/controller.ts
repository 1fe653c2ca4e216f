import { ConfigurationError } from '#api/configuration-error.ts';
import {
  kubemarkMachineTemplates,
  type KubemarkMachineTemplate,
  type KubemarkMachineTemplateStatus,
} from '#api/infrastructure/v1alpha4/kubemark-machine-template.ts';
import { defaultResources, resources } from '#controller/hollow-pod/cluster-node.ts';
import type { Cache, Informer } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { patchOnExit } from '#runtime/client/patch.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import { enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { done, TerminalError } from '#runtime/reconcile.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';

export interface KubemarkMachineTemplateControllerOptions {
  client: Client;
  clock: Clock;
  log: Logger;
  metrics?: Metrics;
  templates: Informer<KubemarkMachineTemplate>;
}

/** Not started. */
export function kubemarkMachineTemplateController(
  options: KubemarkMachineTemplateControllerOptions,
): Controller {
  const { client, clock, log, metrics, templates } = options;
  return new Controller({
    clock,
    log,
    name: 'kubemarkmachinetemplate',
    ...(metrics !== undefined && { metrics }),
    reconciler: new KubemarkMachineTemplateReconciler(client, templates),
  }).watch(templates, enqueueSelf);
}

/** Tells the cluster autoscaler what a node of a template would be, so that it can scale from zero. */
class KubemarkMachineTemplateReconciler implements Reconciler {
  readonly #client: Client;
  readonly #templates: Cache<KubemarkMachineTemplate>;

  constructor(client: Client, templates: Cache<KubemarkMachineTemplate>) {
    this.#client = client;
    this.#templates = templates;
  }

  async reconcile({ signal }: Context, key: ObjectKey): Promise<Result> {
    const template = this.#templates.get(key);
    if (template === undefined || template.metadata.deletionTimestamp !== undefined) return done;
    const observe = (answer: KubemarkMachineTemplate): void => this.#templates.observe(answer);
    const kind = kubemarkMachineTemplates;
    const target = { client: this.#client, kind, stored: template, signal, observe };
    await patchOnExit(target, async ({ object }) => {
      object.status = { ...object.status, ...templateStatus(template) };
      return Promise.resolve();
    });
    return done;
  }
}

/** Pods that a kubelet takes when nobody says otherwise. */
const maxPods = '110';

/**
 * Strings throughout: one number, and the autoscaler reads nothing at all. Both fields of `nodeInfo`,
 * or it predicts nodes without architecture and operating system.
 *
 * @throws TerminalError when the template's machines would be refused too
 */
export function templateStatus({ spec }: KubemarkMachineTemplate): KubemarkMachineTemplateStatus {
  const { kubemarkOptions, podTemplate } = spec.template.spec;
  try {
    return {
      capacity: {
        ...defaultResources,
        pods: maxPods,
        ...resources(kubemarkOptions?.extendedResources),
      },
      nodeInfo: {
        architecture: architectureOf(podTemplate?.nodeSelector),
        operatingSystem: 'linux',
      },
    };
  } catch (error) {
    if (error instanceof ConfigurationError) throw new TerminalError(error.message);
    throw error;
  }
}

/** A hollow node is what its Pod runs on. */
function architectureOf(nodeSelector: Record<string, string> = {}): string {
  return nodeSelector['kubernetes.io/arch'] ?? 'amd64';
}
