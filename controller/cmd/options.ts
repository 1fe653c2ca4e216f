import { formatDuration } from '#api/duration.ts';
import { dnsLabel, dnsSubdomain, imageReference } from '#api/names.ts';
import { parseAddress } from '#runtime/address.ts';
import {
  booleanFlag,
  durationFlag,
  FlagError,
  integerFlag,
  matching,
  parseFlags,
  stringFlag,
  type FlagValues,
  type Program,
} from '#runtime/flags.ts';
import { clusterAPIFlags } from './cluster-api-flags.ts';
import { controllersFlag } from './controller-names.ts';
import { machineGroupsFlag } from './machine-group-names.ts';
import { featureGatesFlag, logToStderrFlag } from './operator-flags.ts';

const second = 1000;
const minute = 60 * second;
const shortestRetry = 10;

const isNamespace = matching(dnsLabel, 'the name of a namespace, e.g. "kubemark-actuator"');

function optional(check: (text: string) => void): (text: string) => void {
  return (text) => {
    if (text !== '') check(text);
  };
}

const flags = {
  kubeconfig: stringFlag({
    default: '',
    help: 'Path to a kubeconfig `file`; empty: in-cluster configuration, else $KUBECONFIG or ~/.kube/config',
  }),
  namespace: stringFlag({
    default: '',
    help: 'Only look at Machines of this namespace; empty: of all',
    check: optional(isNamespace),
  }),
  'pod-namespace': stringFlag({
    default: 'kubemark-actuator',
    help: 'The namespace of the hollow-node Pods',
    check: isNamespace,
  }),
  'hollow-node-image': stringFlag({
    default: '',
    help: 'The `image` of machines that name none',
    check: optional(
      matching(imageReference, 'an image reference, e.g. "example.com/hollow-node:v1"'),
    ),
  }),
  ...clusterAPIFlags,
  'fault-proxy-image': stringFlag({
    default: '',
    help: 'The `image` of the fault proxy, for machines with that fault injector',
    check: optional(
      matching(imageReference, 'an image reference, e.g. "example.com/fault-proxy:v1"'),
    ),
  }),
  controllers: controllersFlag(),
  'machine-api-groups': machineGroupsFlag(),
  'machine-concurrency': integerFlag({
    default: 10,
    min: 1,
    max: 1000,
    help: 'How many Machines are reconciled at the same time',
  }),
  'machineset-concurrency': integerFlag({
    default: 10,
    min: 1,
    max: 1000,
    help: 'How many MachineSets are reconciled at the same time',
  }),
  'sync-period': durationFlag({
    default: 10 * minute,
    min: second,
    help: 'How often every Machine is looked at again without a change',
  }),
  'orphan-node-grace-period': durationFlag({
    default: minute,
    help: 'How long a hollow Node without Machine and Pod may be silent (Ready=Unknown) before it is deleted',
  }),
  'kube-api-qps': integerFlag({
    default: -1,
    help: 'Requests per second to the API server; 0 or less: no limit but its own',
  }),
  'kube-api-burst': integerFlag({
    default: 100,
    min: 1,
    help: 'Requests that may go out at once before --kube-api-qps holds',
  }),
  'leader-elect': booleanFlag({
    default: false,
    help: 'Wait for a Lease before doing anything, so that only one manager of several works',
  }),
  'leader-elect-resource-name': stringFlag({
    default: 'cluster-api-provider-kubemark',
    help: 'The name of that Lease',
    check: matching(dnsSubdomain, 'the name of a Lease, e.g. "cluster-api-provider-kubemark"'),
  }),
  'leader-elect-resource-namespace': stringFlag({
    default: '',
    help: "The namespace of that Lease; empty: the manager's own",
    check: optional(isNamespace),
  }),
  'leader-elect-lease-duration': durationFlag({
    default: 15 * second,
    help: 'How long others wait after the last renewal before they take over',
  }),
  'leader-elect-renew-deadline': durationFlag({
    default: 10 * second,
    help: 'How long the leader tries to renew before it gives up',
  }),
  'leader-elect-retry-period': durationFlag({
    default: 2 * second,
    min: shortestRetry,
    help: 'How long everybody waits between two tries',
  }),
  'health-addr': stringFlag({
    default: ':9440',
    help: 'The `address` of /healthz and /readyz; 0: none',
    check: parseAddress,
  }),
  'metrics-addr': stringFlag({
    default: ':8080',
    help: 'The `address` of /metrics; 0: none',
    check: parseAddress,
  }),
  logtostderr: logToStderrFlag(),
  'feature-gates': featureGatesFlag(),
  v: integerFlag({
    default: 0,
    min: 0,
    max: 10,
    short: 'v',
    help: 'How much to log: 4 and above show every reconcile',
  }),
};

export const program: Program<typeof flags> = {
  name: 'manager',
  description: 'Launches a hollow-node Pod for each Machine and removes it with the Machine.',
  flags,
  aliases: { 'metrics-bind-address': 'metrics-addr' }, // controller-runtime's word
  ignored: { boolean: [], value: ['tls-min-version', 'tls-cipher-suites'] }, // of webhooks
};

export type ManagerOptions = FlagValues<typeof flags>;

/**
 * The values of all flags, or `'help'`.
 *
 * @param variant with defaults of its own
 * @throws FlagError
 */
export function parseOptions(
  args: readonly string[],
  variant: typeof program = program,
): ManagerOptions | 'help' {
  const options = parseFlags(variant, args);
  if (options !== 'help') checkElection(options);
  return options;
}

/** As client-go: tries are jittered by 20 %, and a leader has to give up before another takes over. */
const retryJitter = 1.2;

function checkElection(options: ManagerOptions): void {
  const longer = (name: DurationName, other: DurationName, factor = 1): void => {
    if (options[name] > options[other] * factor) return;
    const times = factor === 1 ? '' : `${factor} times `;
    throw new FlagError(
      `invalid argument "${formatDuration(options[name])}" for "--${name}" flag: want more than ${times}--${other} (${formatDuration(options[other])})`,
    );
  };
  longer('leader-elect-lease-duration', 'leader-elect-renew-deadline');
  longer('leader-elect-renew-deadline', 'leader-elect-retry-period', retryJitter);
}

type DurationName =
  'leader-elect-lease-duration' | 'leader-elect-renew-deadline' | 'leader-elect-retry-period';
