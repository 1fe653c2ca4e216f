/** `npm run fault -- 'NotReady for 30s' --selector pool=a --percent 20`: makes running machines fail. */
import { parseInjection } from '#api/faults/injection.ts';
import { ConfigurationError } from '#api/configuration-error.ts';
import { readFaults } from '#api/faults/read.ts';
import { machineKinds } from '#api/kinds.ts';
import { ApiError } from '#runtime/client/errors.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { KubeConfigError, loadKubeConfig } from '#runtime/client/kube-config.ts';
import { realClock } from '#runtime/clock.ts';
import { messageOf } from '#runtime/error-text.ts';
import {
  booleanFlag,
  FlagError,
  integerFlag,
  parseFlags,
  stringFlag,
  type FlagValues,
  type Program,
} from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { choose } from './choose.ts';
import { kindsCalled, nameOf, servedKinds } from './kinds.ts';
import { findTargets, isAsked, tell, titleOf, type Target } from './targets.ts';

const flags = {
  'dry-run': booleanFlag({ default: false, help: 'Only say which machines it would be' }),
  kind: stringFlag({
    default: '',
    help: 'Only machines of this `kind`, as for kubectl: kubemarkmachines, machines.cluster.k8s.io; empty: of all that the API server has',
    check: kindsCalled,
  }),
  kubeconfig: stringFlag({ default: '', help: 'Path to a kubeconfig `file`; empty: as kubectl' }),
  namespace: stringFlag({ default: '', short: 'n', help: 'Of the machines; empty: all' }),
  percent: integerFlag({ default: 100, min: 0, max: 100, help: 'The share of the machines' }),
  seed: integerFlag({ default: 0, min: 0, help: 'Another number takes other machines' }),
  selector: stringFlag({ default: '', short: 'l', help: 'Labels of the machines; empty: any' }),
};

const program: Program<typeof flags> = {
  name: 'fault',
  description:
    "Makes a share of the machines fail: fault 'NotReady for 30s' [flags]. '-' takes it back.",
  flags,
};

/**
 * @param value a fault; `null` takes it back
 * @returns whether it reached all that were chosen
 */
async function inject(value: string | null, options: FlagValues<typeof flags>): Promise<boolean> {
  const { percent, seed, namespace, selector, 'dry-run': isDryRun } = options;
  const config = await loadKubeConfig({ path: options.kubeconfig });
  await using stack = new AsyncDisposableStack();
  const client = new KubeClient({ config, clock: realClock, userAgent: 'fault' });
  stack.defer(() => client.close());
  const kinds = options.kind === '' ? machineKinds : kindsCalled(options.kind);
  const served = await servedKinds(client, kinds);
  if (served.length === 0) throw new Error(missing(kinds.map(nameOf)));
  const all = await findTargets(client, served, {
    ...(namespace !== '' && { namespace }),
    ...(selector !== '' && { labelSelector: selector }),
  }).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status.code === 400)) throw error;
    // The API server is who reads selectors.
    throw new FlagError(`invalid argument "${selector}" for "--selector" flag: ${error.message}`);
  });
  const share = choose(all, titleOf, { percent, seed });
  const chosen = value === null ? share.filter(isAsked) : share;
  const problems = isDryRun
    ? []
    : await Promise.all(chosen.map((target) => tell(client, target, value)));
  return report(chosen, problems, `${all.length} machines${isDryRun ? ' (dry run)' : ''}`);
}

function missing(names: readonly string[]): string {
  return `the API server has no ${names.join(', ')}: install the provider (kustomize/README.md), e.g. kubectl apply -k kustomize/default, or with Cluster API kubectl apply -k kustomize/overlays/cluster-api`;
}

/** @param problems of the target at the same place */
function report(
  targets: readonly Target[],
  problems: readonly (string | undefined)[],
  total: string,
): boolean {
  let reached = 0;
  for (const [index, target] of targets.entries()) {
    const problem = problems[index];
    if (problem === undefined) {
      reached++;
      process.stdout.write(`${titleOf(target)}\n`);
    } else process.stderr.write(`fault: ${titleOf(target)}: ${problem}\n`);
  }
  process.stderr.write(`${reached} of ${total}\n`);
  return reached === targets.length;
}

/** @throws FlagError, ConfigurationError: mistakes are told before anything happens */
async function main([text = '--help', ...args]: readonly string[]): Promise<number> {
  const isHelp = text === '--help' || text === '-h';
  if (text !== '-' && text.startsWith('-') && !isHelp) {
    throw new FlagError("the fault comes first: fault 'NotReady for 30s' [flags]");
  }
  const options = isHelp ? 'help' : parseFlags(program, args);
  if (options === 'help') {
    process.stdout.write(usage(program));
    return 0;
  }
  if (text !== '-' && readFaults(parseInjection(text).text, '', 'fault').length === 0) {
    throw new FlagError("no fault (want e.g. 'NotReady for 30s', or '-' to take it back)");
  }
  return (await inject(text === '-' ? null : text, options)) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isTheirs =
    error instanceof FlagError ||
    error instanceof ConfigurationError ||
    error instanceof KubeConfigError;
  process.stderr.write(`fault: ${messageOf(error)}\n`);
  process.exitCode = isTheirs ? 2 : 1;
}
