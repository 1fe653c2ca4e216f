/** The controllers of the provider for Cluster API. */
import { kubemarkClusterController } from '#controller/reconcilers/kubemarkcluster/controller.ts';
import { kubemarkMachineController } from '#controller/reconcilers/kubemarkmachine/controller.ts';
import { kubemarkMachineTemplateController } from '#controller/reconcilers/kubemarkmachinetemplate/controller.ts';
import type { Controller } from '#runtime/controller.ts';
import {
  clusterAPIControllerNames,
  isEnabled,
  type ClusterAPIControllerName,
} from './controller-names.ts';
import type { Parts } from './controllers.ts';

const makers: Record<ClusterAPIControllerName, (parts: Parts) => Controller> = {
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
        ...(options['fault-proxy-image'] !== '' && {
          faultProxyImage: options['fault-proxy-image'],
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
export function clusterAPIControllers(parts: Parts): Controller[] {
  return clusterAPIControllerNames
    .filter((name) => isEnabled(name, parts.options.controllers))
    .map((name) => makers[name](parts));
}
