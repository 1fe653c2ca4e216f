import { ConfigurationError } from '#api/configuration-error.ts';
import {
  machineSpecSchema,
  type KubemarkMachineSpec,
} from '#api/infrastructure/v1alpha4/machine-spec.ts';
import { labelValue } from '#api/names.ts';
import { quantityValue } from '#api/quantity.ts';
import { quote } from '#api/quote.ts';
import { Checker } from '#api/schema/check.ts';
import { checkFaults } from '#api/faults/check.ts';
import { knowsResources } from './arguments.ts';
import type { ClusterNode } from './cluster-pod.ts';

export interface ImageOptions {
  /** A repository of real kubemarks, whose tags are versions of Kubernetes. */
  kubemarkImage?: string;
  hollowNodeImage?: string;
  faultProxyImage?: string;
}

export interface NodeOptions extends ImageOptions {
  name: string;
  /** Of the Machine: `v1.34.0`. */
  version?: string;
  zone?: string;
}

/** What a node has when nobody says otherwise: the existing provider's numbers. */
export const defaultResources = { cpu: '1', memory: '4G' } as const;

const zoneLabel = 'topology.kubernetes.io/zone';

const checker = new Checker(machineSpecSchema);
const shownErrors = 3;

/**
 * Decides what the node of a machine is. Checks once more what admission may not have seen: names in
 * maps, taints that are there twice, devices in parts.
 *
 * @throws ConfigurationError naming the fields
 */
export function clusterNode(spec: KubemarkMachineSpec, options: NodeOptions): ClusterNode {
  const errors = checker.errors(spec).map((error) => `spec.${error}`);
  if (errors.length > shownErrors) {
    errors.splice(shownErrors, Infinity, `and ${errors.length - shownErrors} more`);
  }
  if (errors.length > 0) throw new ConfigurationError(errors.join('; '));
  const { extendedResources, nodeLabels, registerWithTaints } = spec.kubemarkOptions ?? {};
  const image = imageOf(spec, options);
  return {
    name: options.name,
    ...image,
    ...faultsOf(spec, image.runtime, options),
    resources: { ...usualResources(image), ...resources(extendedResources) },
    labels: { ...nodeLabels, ...zoneLabels(options.zone) },
    taints: distinct(registerWithTaints ?? []),
    extraMounts: spec.extraMounts ?? [],
    podTemplate: spec.podTemplate ?? {},
  };
}

/** A kubemark that is too old for the flag has about as much, and ends when it is told of any. */
function usualResources({ runtime, image }: Pick<ClusterNode, 'runtime' | 'image'>) {
  return runtime === 'HollowNode' || knowsResources(image) ? defaultResources : {};
}

/** @throws ConfigurationError for what core takes and no label can hold */
function zoneLabels(zone: string | undefined): Record<string, string> {
  if (!zone) return {};
  if (new RegExp(labelValue).test(zone)) return { [zoneLabel]: zone };
  throw new ConfigurationError(
    `failureDomain of the Machine: ${quote(zone)} is not the name of a zone (want at most 63 letters, digits, "-", "_" or ".")`,
  );
}

/** Quantities as texts, devices in whole ones: no API server takes a Node with half of one. */
export function resources(written: Record<string, number | string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(written).map(([name, value]) => {
      const text = String(value);
      if (!name.includes('/') || Number.isInteger(quantityValue(text))) return [name, text];
      throw new ConfigurationError(
        `spec.kubemarkOptions.extendedResources: ${quote(text)} of ${quote(name)} is not a whole number (want e.g. 8)`,
      );
    }),
  );
}

function imageOf(
  { image, runtime }: KubemarkMachineSpec,
  { kubemarkImage, hollowNodeImage, version }: NodeOptions,
): Pick<ClusterNode, 'image' | 'runtime'> {
  if (image !== undefined) return { image, runtime: runtime ?? 'Kubemark' };
  const tag =
    version === undefined ? undefined : `v${version.replace(/^v/, '').replaceAll('+', '_')}`;
  if (kubemarkImage !== undefined && tag !== undefined && runtime !== 'HollowNode') {
    return { image: `${kubemarkImage}:${tag}`, runtime: 'Kubemark' };
  }
  if (hollowNodeImage !== undefined && runtime !== 'Kubemark') {
    return { image: hollowNodeImage, runtime: 'HollowNode' };
  }
  const why =
    kubemarkImage === undefined || runtime === 'HollowNode'
      ? 'the manager has no image of its own for this runtime'
      : 'the Machine has no version, whose kubemark it could be';
  throw new ConfigurationError(`spec.image: nothing found (want an image reference; ${why})`);
}

function faultsOf(
  { faults = [], faultInjector }: KubemarkMachineSpec,
  runtime: ClusterNode['runtime'],
  { faultProxyImage }: NodeOptions,
): Pick<ClusterNode, 'faults' | 'faultProxyImage'> {
  checkFaults(faults, 'spec.faults');
  if (runtime === 'HollowNode') {
    if (faultInjector !== 'Proxy') return { faults };
    throw new ConfigurationError(
      'spec.faultInjector: "Proxy" with runtime HollowNode, which fails by itself (want "KubemarkFlags")',
    );
  }
  if (faultInjector === 'KubemarkFlags' && faults.length > 0) {
    throw new ConfigurationError(
      'spec.faults: no kubemark knows them (want faultInjector "Proxy", or runtime "HollowNode")',
    );
  }
  if (faultInjector !== 'Proxy' && faults.length === 0) return { faults };
  if (faultProxyImage !== undefined) return { faults, faultProxyImage };
  throw new ConfigurationError(
    'spec.faultInjector: "Proxy" (the manager has no --fault-proxy-image)',
  );
}

/** No API server takes a Node with two taints of one key and effect. */
function distinct(taints: ClusterNode['taints']): ClusterNode['taints'] {
  const known = new Set<string>();
  for (const [index, { key, effect }] of taints.entries()) {
    const taint = `${key}:${effect}`;
    if (known.has(taint)) {
      throw new ConfigurationError(
        `spec.kubemarkOptions.registerWithTaints[${index}]: ${quote(taint)} is there already (want each key and effect once)`,
      );
    }
    known.add(taint);
  }
  return taints;
}
