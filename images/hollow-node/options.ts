import type { Node } from '#api/core.ts';
import type { Fault } from '#api/faults/decode.ts';
import { formatDuration } from '#api/duration.ts';
import { dnsSubdomain, labelValue, qualifiedName } from '#api/names.ts';
import { formatBytes, parseQuantity } from '#api/quantity.ts';
import { quote } from '#api/quote.ts';
import type { Flag, FlagValues, Program } from '#runtime/flags.ts';
import {
  booleanFlag,
  durationFlag,
  FlagError,
  integerFlag,
  mapFlag,
  matching,
  stringFlag,
} from '#runtime/flags.ts';
import { faultFlags, readFaultFlags } from './fault-flags.ts';
import { legacyFlags } from './legacy-flags.ts';

export type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

/** What one hollow node is told about itself. Durations in milliseconds. */
export interface HollowNodeOptions {
  readonly name: string;
  readonly providerID: string;
  /** Given to the Node when it is created, never reconciled afterwards. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Quantities by resource name: capacity and allocatable of the Node. */
  readonly resources: Readonly<Record<string, string>>;
  readonly kubeletPort: number;
  /** How soon a status that somebody else changed is put right. */
  readonly statusUpdateFrequency: number;
  /** How often an unchanged status is written, as a heartbeat. */
  readonly statusReportFrequency: number;
  /** The lease is renewed four times in this time. */
  readonly leaseDuration: number;
  readonly faults: readonly Fault[];
}

/** Milliseconds between two of the same requests, so that a slip does not flood the API server. */
const shortestPeriod = 100;

const flags = {
  ...faultFlags,
  'extended-resources': resourcesFlag('Capacity: `name=quantity,…`; may name cpu and memory too'),
  'healthy-duration': durationFlag({ default: 0, help: 'How long the node stays Ready' }),
  kubeconfig: stringFlag({
    default: '/kubeconfig/kubeconfig',
    help: 'Path to a kubeconfig `file`, used where there is no in-cluster configuration',
  }),
  'kubelet-port': integerFlag({
    default: 10_250,
    min: 0,
    max: 65_535,
    help: 'Port of /healthz (plain HTTP); 0 disables it',
  }),
  'max-pods': integerFlag({ default: 110, min: 0, help: 'How many Pods the node takes' }),
  'memory-capacity': integerFlag({
    default: 4_026_531_840,
    min: 1,
    help: 'Memory of the node in `bytes`',
  }),
  morph: stringFlag({ default: '', help: 'What to be: kubelet or proxy' }),
  name: stringFlag({
    default: 'fake-node',
    help: 'Name of the node',
    check: matching(dnsSubdomain, 'the name of a node, e.g. "hollow-1"'),
  }),
  'no-schedule': booleanFlag({
    default: false,
    help: 'Register with the taint kubemark=true:NoSchedule',
  }),
  'node-labels': labelsFlag('Labels for the registration: `key=value,…`'),
  'node-lease-duration-seconds': integerFlag({
    default: 40,
    min: 1,
    max: 86_400,
    help: 'After how many `seconds` without renewal the lease ends',
  }),
  'node-status-report-frequency': durationFlag({
    default: 300_000,
    min: shortestPeriod,
    help: 'How often an unchanged status is sent',
  }),
  'node-status-update-frequency': durationFlag({
    default: 10_000,
    min: shortestPeriod,
    help: 'How soon a status that somebody else changed is put right',
  }),
  'num-cores': integerFlag({ default: 1, min: 1, help: 'CPU cores of the node' }),
  'register-with-taints': taintsFlag('Taints for the registration: `key=value:Effect,…`'),
  'turn-unhealthy-after': booleanFlag({
    default: false,
    help: 'Turn NotReady for ever after --healthy-duration',
  }),
  'turn-unhealthy-periodically': booleanFlag({
    default: false,
    help: 'Be Ready for --healthy-duration, NotReady for --unhealthy-duration, and so on',
  }),
  'unhealthy-duration': durationFlag({ default: 0, help: 'How long the node stays NotReady' }),
  v: integerFlag({ default: 0, min: 0, short: 'v', help: 'Log `level`; 4 shows every step' }),
  version: booleanFlag({ default: false, help: 'Print the version of Kubernetes and exit' }),
};

export type KubemarkFlags = FlagValues<typeof flags>;

/** The command line of kubemark: the patched one's flags and upstream's, up to the newest. */
export const kubemark: Program<typeof flags> = {
  name: 'kubemark',
  description: 'A hollow node: to the API server it is a kubelet.',
  flags,
  ignored: legacyFlags,
};

/** @throws FlagError when flags do not fit together */
export function hollowNodeOptions(values: KubemarkFlags): HollowNodeOptions {
  return {
    name: values.name,
    providerID: `kubemark://${values.name}`, // as kubemark since 1.16 (kubernetes PR 73393)
    nodeLabels: values['node-labels'],
    taints: [...values['register-with-taints'], ...(values['no-schedule'] ? [noSchedule] : [])],
    resources: {
      cpu: String(values['num-cores']),
      'ephemeral-storage': '0', // a kubelet is only Ready with this key; hollow ones have no disk
      memory: formatBytes(values['memory-capacity']),
      pods: String(values['max-pods']),
      ...values['extended-resources'],
    },
    kubeletPort: values['kubelet-port'],
    statusUpdateFrequency: values['node-status-update-frequency'],
    statusReportFrequency: values['node-status-report-frequency'],
    leaseDuration: values['node-lease-duration-seconds'] * 1000,
    faults: faultsFromFlags(values),
  };
}

/** @throws FlagError for faults that are wrong */
export async function withFaults(
  options: HollowNodeOptions,
  values: FlagValues<typeof faultFlags>,
): Promise<HollowNodeOptions> {
  const faultsOf = await readFaultFlags(values);
  return { ...options, faults: [...options.faults, ...faultsOf(options.name)] };
}

const noSchedule: Taint = { key: 'kubemark', value: 'true', effect: 'NoSchedule' };

type UnhealthyFlag =
  | 'turn-unhealthy-after'
  | 'turn-unhealthy-periodically'
  | 'healthy-duration'
  | 'unhealthy-duration';

/**
 * The health flags of the patched kubemark (kubernetes PR 73399) as faults. The messages, spelling
 * included, are those it shows in the Ready condition.
 */
export function faultsFromFlags(values: Pick<KubemarkFlags, UnhealthyFlag>): Fault[] {
  const healthy = values['healthy-duration'];
  const unhealthy = values['unhealthy-duration'];
  const faults: Fault[] = [];
  if (values['turn-unhealthy-after']) {
    const message = `indefinitely on request (${formatDuration(healthy)} after start up)`;
    faults.push({ type: 'NotReady', after: healthy, message: disrupted(message) });
  }
  if (values['turn-unhealthy-periodically']) {
    if (healthy <= 0 || unhealthy <= 0) {
      throw new FlagError(
        '--turn-unhealthy-periodically wants --healthy-duration and --unhealthy-duration above 0',
      );
    }
    const message = `periodically on request (every ${formatDuration(unhealthy)})`;
    faults.push({
      type: 'NotReady',
      after: healthy,
      duration: unhealthy,
      period: healthy + unhealthy,
      message: disrupted(message),
    });
  }
  return faults;
}

function disrupted(what: string): string {
  return `RuntimeDisrupter is not healthy: reporting unhealty ${what}`;
}

type MapFlag = Flag<Readonly<Record<string, string>>>;

const isKey = new RegExp(qualifiedName);
const isLabelValue = new RegExp(labelValue);

function resourcesFlag(help: string): MapFlag {
  return checkedMap(help, (name, quantity) => {
    if (!isKey.test(name)) throw new Error(`${quote(name)} is not a resource (want e.g. "cpu")`);
    if (parseQuantity(quantity) < 0n) throw new Error(`${quote(quantity)} is negative`);
  });
}

function labelsFlag(help: string): MapFlag {
  return checkedMap(help, (key, value) => {
    if (isKey.test(key) && isLabelValue.test(value)) return;
    throw new Error(`${quote(`${key}=${value}`)} is not a label (want e.g. "zone=a")`);
  });
}

function checkedMap(help: string, check: (key: string, value: string) => void): MapFlag {
  const flag = mapFlag({ default: {}, help });
  const parse: typeof flag.parse = (text, previous) => {
    const values = flag.parse(text, previous);
    for (const [key, value] of Object.entries(values)) check(key, value);
    return values;
  };
  return { ...flag, parse };
}

function taintsFlag(help: string): Flag<readonly Taint[]> {
  return {
    default: [],
    help,
    type: 'strings',
    parse: (text, previous = []) => [
      ...previous,
      ...text
        .split(',')
        .filter((item) => item.trim() !== '')
        .map((item) => parseTaint(item.trim())),
    ],
    format: (taints) => taints.map(({ key, effect }) => `${key}:${effect}`).join(','),
  };
}

/** `key=value:Effect` or `key:Effect`. */
function parseTaint(text: string): Taint {
  const match =
    /^(?<key>[^=:]+)(?:=(?<value>[^=:]*))?:(?<effect>NoSchedule|PreferNoSchedule|NoExecute)$/;
  const { key = '', value = '', effect = '' } = match.exec(text)?.groups ?? {};
  if (!isKey.test(key) || !isLabelValue.test(value)) {
    throw new Error(`${quote(text)} is not a taint (want e.g. "key=value:NoSchedule")`);
  }
  return { key, ...(value !== '' && { value }), effect };
}
