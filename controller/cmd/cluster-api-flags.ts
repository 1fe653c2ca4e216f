/** Flags of the controllers for Cluster API. */
import {
  clusterAPIVersions,
  watchFilterLabel,
  type ClusterAPIVersion,
} from '#api/cluster-api/core.ts';
import { imageReference, labelValue } from '#api/names.ts';
import { booleanFlag, integerFlag, matching, stringFlag, type Flag } from '#runtime/flags.ts';

const isRepository = matching(imageReference, 'a repository, e.g. "example.com/kubemark"');

export const clusterAPIFlags = {
  'cluster-api-version': versionFlag(),
  'watch-filter': stringFlag({
    default: '',
    help: `Only look at KubemarkMachines, templates and KubemarkClusters with this \`value\` of the label ${watchFilterLabel}; empty: at all`,
    check: matching(labelValue, 'the value of a label'),
  }),
  'kubemark-image': stringFlag({
    default: '',
    help: 'The `repository` of kubemarks, tagged with versions of Kubernetes, for KubemarkMachines that name no image',
    check: (text) => {
      if (text !== '') isRepository(text);
    },
  }),
  'allow-cross-namespace-secrets': booleanFlag({
    default: false,
    help: 'Let a KubemarkMachine name the Secret of a hollow-Pod cluster in another namespace',
  }),
  'kubemarkmachine-concurrency': integerFlag({
    default: 10,
    min: 1,
    max: 1000,
    help: 'How many KubemarkMachines are reconciled at the same time',
  }),
};

function versionFlag(): Flag<ClusterAPIVersion> {
  return {
    type: 'string',
    default: clusterAPIVersions[0],
    help: "The `version` of Cluster API's kinds to read; v1beta1 for its releases up to 1.10",
    parse: (text) => {
      const version = clusterAPIVersions.find((known) => known === text);
      if (version === undefined) throw new Error(`want ${clusterAPIVersions.join(' or ')}`);
      return version;
    },
    format: String,
  };
}
