/** Columns of built-in kinds, as pkg/printers/internalversion prints them. */
import type { Event, Lease, Node, PodDisruptionBudget } from '#api/core.ts';
import { isObject } from '#api/json.ts';
import type { ApiObject } from '../object.ts';
import { getPath, getText, view } from '../object.ts';
import type { Columns } from './columns.ts';
import { age, column } from './columns.ts';

const none = '<none>';
const unset = '<unset>';

const nameOf = ({ metadata }: ApiObject): string => metadata.name ?? '';
const ageOf = ({ metadata }: ApiObject, now: number): string =>
  age(metadata.creationTimestamp, now);

export const nodeColumns: Columns = {
  definitions: [
    column('Name'),
    column('Status'),
    column('Roles'),
    column('Age'),
    column('Version'),
    column('Internal-IP', 1),
    column('External-IP', 1),
    column('OS-Image', 1),
    column('Kernel-Version', 1),
    column('Container-Runtime', 1),
  ],
  cells(object, now) {
    const node = view<Node>(object);
    const { status } = node;
    const info = status?.nodeInfo;
    const addressOf = (type: string): string =>
      status?.addresses?.find((address) => address.type === type)?.address ?? none;
    const unknown = '<unknown>';
    return [
      nameOf(object),
      nodeStatus(node),
      nodeRoles(object),
      ageOf(object, now),
      info?.kubeletVersion ?? '',
      addressOf('InternalIP'),
      addressOf('ExternalIP'),
      info?.osImage || unknown,
      info?.kernelVersion || unknown,
      info?.containerRuntimeVersion || unknown,
    ];
  },
};

function nodeStatus({ spec, status }: Node): string {
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (spec?.unschedulable === true) words.push('SchedulingDisabled');
  return words.join(',');
}

const rolePrefix = 'node-role.kubernetes.io/';

function nodeRoles({ metadata }: ApiObject): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix)) return [key.slice(rolePrefix.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return (
    roles
      .filter((role) => role !== '')
      .toSorted()
      .join(',') || none
  );
}

export const namespaceColumns: Columns = {
  definitions: [column('Name'), column('Status'), column('Age')],
  cells: (object, now) => [nameOf(object), getText(object, 'status', 'phase'), ageOf(object, now)],
};

export const eventColumns: Columns = {
  definitions: [
    column('Last Seen'),
    column('Type'),
    column('Reason'),
    column('Object'),
    column('Subobject', 1),
    column('Source', 1),
    column('Message'),
    column('First Seen', 1),
    column('Count', 1),
    column('Name', 1),
  ],
  cells(object, now) {
    const event = view<Event>(object);
    const { source } = event;
    const involvedObject = view<Partial<Event>>(object).involvedObject ?? {};
    const first = event.firstTimestamp ?? event.eventTime;
    const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? first;
    return [
      age(last, now),
      event.type ?? '',
      event.reason ?? '',
      `${(involvedObject.kind ?? '').toLowerCase()}/${involvedObject.name ?? ''}`,
      involvedObject.fieldPath ?? '',
      [source?.component ?? event.reportingComponent, source?.host].filter(Boolean).join(', '),
      (event.message ?? '').trim(),
      age(first, now),
      event.series?.count ?? event.count ?? 1,
      nameOf(object),
    ];
  },
};

export const configMapColumns: Columns = {
  definitions: [column('Name'), column('Data'), column('Age')],
  cells(object, now) {
    const size = (field: string): number => Object.keys(object[field] ?? {}).length;
    return [nameOf(object), size('data') + size('binaryData'), ageOf(object, now)];
  },
};

export const leaseColumns: Columns = {
  definitions: [column('Name'), column('Holder'), column('Age')],
  cells(object, now) {
    const { spec } = view<Lease>(object);
    return [nameOf(object), spec?.holderIdentity ?? '', ageOf(object, now)];
  },
};

export const disruptionBudgetColumns: Columns = {
  definitions: [
    column('Name'),
    column('Min Available'),
    column('Max Unavailable'),
    column('Allowed Disruptions', 0, 'integer'),
    column('Age'),
  ],
  cells(object, now) {
    const { spec, status } = view<PodDisruptionBudget>(object);
    const { minAvailable = 'N/A', maxUnavailable = 'N/A' } = spec ?? {};
    return [
      nameOf(object),
      String(minAvailable),
      String(maxUnavailable),
      status?.disruptionsAllowed ?? 0,
      ageOf(object, now),
    ];
  },
};

/** ReplicationController and ReplicaSet. */
export const replicasColumns: Columns = {
  definitions: [
    column('Name'),
    column('Desired', 0, 'integer'),
    column('Current', 0, 'integer'),
    column('Ready', 0, 'integer'),
    column('Age'),
    column('Containers', 1),
    column('Images', 1),
    column('Selector', 1),
  ],
  cells(object, now) {
    const count = (...path: string[]): number => Number(getPath(object, path) ?? 0);
    const containers = view<{ name?: string; image?: string }[]>(
      getPath(object, ['spec', 'template', 'spec', 'containers']) ?? [],
    );
    return [
      nameOf(object),
      count('spec', 'replicas'),
      count('status', 'replicas'),
      count('status', 'readyReplicas'),
      ageOf(object, now),
      containers.map((container) => container.name).join(','),
      containers.map((container) => container.image).join(','),
      selectorText(object.spec?.['selector']),
    ];
  },
};

function selectorText(selector: unknown): string {
  if (!isObject(selector)) return unset;
  const labels = isObject(selector['matchLabels']) ? selector['matchLabels'] : selector;
  return (
    Object.entries(labels)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(',') || none
  );
}

export const customResourceDefinitionColumns: Columns = {
  definitions: [column('Name'), column('Created At')],
  cells: (object) => [nameOf(object), object.metadata.creationTimestamp ?? ''],
};
