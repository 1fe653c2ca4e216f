/**
 * Field numbers of the types that kubectl writes as protobuf (the `generated.proto` files of
 * k8s.io/api). Everything else it sends as JSON.
 */
export type FieldType =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'time'
  | 'intOrString'
  | 'stringMap'
  /** Values become base64, as in JSON. */
  | 'bytesMap'
  /** Known, but of no use to the server: what only it writes. */
  | 'ignored'
  | { readonly message: string };

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly isList?: boolean;
}

type Message = Readonly<Record<number, Field>>;

const string = (name: string): Field => ({ name, type: 'string' });
const strings = (name: string): Field => ({ name, type: 'string', isList: true });
const integer = (name: string): Field => ({ name, type: 'integer' });
const boolean = (name: string): Field => ({ name, type: 'boolean' });
const message = (name: string, type: string): Field => ({ name, type: { message: type } });
const list = (name: string, type: string): Field => ({ ...message(name, type), isList: true });
const ignored: Field = { name: '', type: 'ignored' };
const metadata = message('metadata', 'ObjectMeta');

/** By kind, or by type name for parts. */
export const messages: Readonly<Record<string, Message>> = {
  ObjectMeta: {
    1: string('name'),
    2: string('generateName'),
    3: string('namespace'),
    4: ignored,
    5: string('uid'),
    6: string('resourceVersion'),
    7: integer('generation'),
    8: { name: 'creationTimestamp', type: 'time' },
    9: { name: 'deletionTimestamp', type: 'time' },
    10: integer('deletionGracePeriodSeconds'),
    11: { name: 'labels', type: 'stringMap' },
    12: { name: 'annotations', type: 'stringMap' },
    13: list('ownerReferences', 'OwnerReference'),
    14: strings('finalizers'),
    17: ignored,
  },
  OwnerReference: {
    1: string('kind'),
    3: string('name'),
    4: string('uid'),
    5: string('apiVersion'),
    6: boolean('controller'),
    7: boolean('blockOwnerDeletion'),
  },
  DeleteOptions: {
    1: integer('gracePeriodSeconds'),
    2: message('preconditions', 'Preconditions'),
    3: boolean('orphanDependents'),
    4: string('propagationPolicy'),
    5: strings('dryRun'),
  },
  Preconditions: { 1: string('uid'), 2: string('resourceVersion') },
  Eviction: { 1: metadata, 2: message('deleteOptions', 'DeleteOptions') },
  Namespace: { 1: metadata, 2: message('spec', 'NamespaceSpec'), 3: ignored },
  NamespaceSpec: { 1: strings('finalizers') },
  ConfigMap: {
    1: metadata,
    2: { name: 'data', type: 'stringMap' },
    3: { name: 'binaryData', type: 'bytesMap' },
    4: boolean('immutable'),
  },
  Secret: {
    1: metadata,
    2: { name: 'data', type: 'bytesMap' },
    3: string('type'),
    4: { name: 'stringData', type: 'stringMap' },
    5: boolean('immutable'),
  },
  ServiceAccount: {
    1: metadata,
    2: list('secrets', 'ObjectReference'),
    3: list('imagePullSecrets', 'LocalObjectReference'),
    4: boolean('automountServiceAccountToken'),
  },
  LocalObjectReference: { 1: string('name') },
  ObjectReference: {
    1: string('kind'),
    2: string('namespace'),
    3: string('name'),
    4: string('uid'),
    5: string('apiVersion'),
    6: string('resourceVersion'),
    7: string('fieldPath'),
  },
  PriorityClass: {
    1: metadata,
    2: integer('value'),
    3: boolean('globalDefault'),
    4: string('description'),
    5: string('preemptionPolicy'),
  },
  PodDisruptionBudget: { 1: metadata, 2: message('spec', 'PodDisruptionBudgetSpec'), 3: ignored },
  PodDisruptionBudgetSpec: {
    1: { name: 'minAvailable', type: 'intOrString' },
    2: message('selector', 'LabelSelector'),
    3: { name: 'maxUnavailable', type: 'intOrString' },
    4: string('unhealthyPodEvictionPolicy'),
  },
  LabelSelector: {
    1: { name: 'matchLabels', type: 'stringMap' },
    2: list('matchExpressions', 'LabelSelectorRequirement'),
  },
  LabelSelectorRequirement: { 1: string('key'), 2: string('operator'), 3: strings('values') },
  Role: { 1: metadata, 2: list('rules', 'PolicyRule') },
  ClusterRole: {
    1: metadata,
    2: list('rules', 'PolicyRule'),
    3: message('aggregationRule', 'AggregationRule'),
  },
  AggregationRule: { 1: list('clusterRoleSelectors', 'LabelSelector') },
  PolicyRule: {
    1: strings('verbs'),
    2: strings('apiGroups'),
    3: strings('resources'),
    4: strings('resourceNames'),
    5: strings('nonResourceURLs'),
  },
  RoleBinding: { 1: metadata, 2: list('subjects', 'Subject'), 3: message('roleRef', 'RoleRef') },
  ClusterRoleBinding: {
    1: metadata,
    2: list('subjects', 'Subject'),
    3: message('roleRef', 'RoleRef'),
  },
  Subject: { 1: string('kind'), 2: string('apiGroup'), 3: string('name'), 4: string('namespace') },
  RoleRef: { 1: string('apiGroup'), 2: string('kind'), 3: string('name') },
  SelfSubjectAccessReview: { 1: metadata, 2: ignored, 3: ignored },
};
