/** The controllers by the names that `--controllers` knows. */
import { kubemarkClusterController } from '#controller/reconcilers/kubemarkcluster/controller.ts';
import { kubemarkMachineController } from '#controller/reconcilers/kubemarkmachine/controller.ts';
import { kubemarkMachineTemplateController } from '#controller/reconcilers/kubemarkmachinetemplate/controller.ts';
import { machineController } from '#controller/reconcilers/machine/controller.ts';
import { machineHealthCheckController } from '#controller/reconcilers/machinehealthcheck/controller.ts';
import { nodeLinkController } from '#controller/reconcilers/nodelink/controller.ts';
import { machineDeploymentController } from '#controller/reconcilers/machinedeployment/controller.ts';
import { machineSetController } from '#controller/reconcilers/machineset/controller.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import type { Informers } from './informers.ts';
import type { ControllerName } from './controller-names.ts';
import { isEnabled } from './controller-names.ts';
import type { ManagerOptions } from './options.ts';

/** What controllers are made of. */
export interface Parts {
  base: { client: Client; clock: Clock; log: Logger; metrics: Metrics; events: EventRecorder };
  informers: Informers;
  options: ManagerOptions;
}

const makers: Record<ControllerName, (parts: Parts) => Controller> = {
  machine: ({ base, informers, options }) => {
    const hollowNodeImage = options['hollow-node-image'];
    return machineController({
      ...base,
      machines: informers.machines(),
      pods: informers.pods(),
      nodes: informers.nodes(),
      namespace: options.namespace,
      podNamespace: options['pod-namespace'],
      concurrency: options['machine-concurrency'],
      ...(hollowNodeImage !== '' && { hollowNodeImage }),
    });
  },
  nodelink: ({ base, informers, options }) =>
    nodeLinkController({
      ...base,
      machines: informers.machines(),
      nodes: informers.nodes(),
      namespace: options.namespace,
    }),
  machinehealthcheck: ({ base, informers }) =>
    machineHealthCheckController({
      ...base,
      checks: informers.machineHealthChecks(),
      machines: informers.machines(),
      nodes: informers.nodes(),
    }),
  machineset: ({ base, informers, options }) =>
    machineSetController({
      ...base,
      machineSets: informers.machineSets(),
      machines: informers.machines(),
      nodes: informers.nodes(),
      concurrency: options['machineset-concurrency'],
    }),
  machinedeployment: ({ base, informers }) =>
    machineDeploymentController({
      ...base,
      machineDeployments: informers.machineDeployments(),
      machineSets: informers.machineSets(),
    }),
  kubemarkmachine: ({ base, informers, options }) =>
    kubemarkMachineController({
      ...base,
      kubemarkMachines: informers.kubemarkMachines(),
      machines: informers.clusterMachines(),
      clusters: informers.clusters(),
      pods: informers.clusterPods(),
      concurrency: options['kubemarkmachine-concurrency'],
      options: {
        allowForeignSecrets: options['allow-cross-namespace-secrets'],
        ...(options['kubemark-image'] !== '' && { kubemarkImage: options['kubemark-image'] }),
        ...(options['hollow-node-image'] !== '' && {
          hollowNodeImage: options['hollow-node-image'],
        }),
      },
    }),
  kubemarkmachinetemplate: ({ base, informers }) =>
    kubemarkMachineTemplateController({
      ...base,
      templates: informers.kubemarkMachineTemplates(),
    }),
  kubemarkcluster: ({ base, informers }) =>
    kubemarkClusterController({
      ...base,
      kubemarkClusters: informers.kubemarkClusters(),
      clusters: informers.clusters(),
    }),
};

/** Those that the options want, not started. */
export function controllers(parts: Parts): Controller[] {
  return Object.entries(makers)
    .filter(([name]) => isEnabled(name, parts.options.controllers))
    .map(([, make]) => make(parts));
}
