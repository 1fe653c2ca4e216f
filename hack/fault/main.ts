/** `npm run fault -- 'NotReady for 30s' --selector pool=a --percent 20`: makes running machines fail. */
import { faultAnnotation, parseInjection } from '#api/faults/injection.ts';
import { ConfigurationError } from '#api/configuration-error.ts';
import { readFaults } from '#api/faults/read.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { KubeConfigError, loadKubeConfig } from '#runtime/client/kube-config.ts';
import { formatKey, keyOf } from '#runtime/client/object-key.ts';
import { realClock } from '#runtime/clock.ts';
import { messageOf } from '#runtime/error-text.ts';
import { FlagError, integerFlag, parseFlags, stringFlag, type Program } from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { choose } from './choose.ts';

const flags = {
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

/** @param text a fault, or `-` */
async function inject(text: string, args: readonly string[]): Promise<void> {
  const options = parseFlags(program, args);
  if (options === 'help') return void process.stdout.write(usage(program));
  const value = text === '-' ? null : text;
  if (value !== null) readFaults(parseInjection(value).text, '', 'fault'); // mistakes are told before
  const config = await loadKubeConfig({ path: options.kubeconfig });
  const client = new KubeClient({ config, clock: realClock, userAgent: 'fault' });
  const { namespace, selector: labelSelector } = options;
  const { items } = await client.list(machines, {
    ...(namespace !== '' && { namespace }),
    ...(labelSelector !== '' && { labelSelector }),
  });
  const annotations = { [faultAnnotation]: value };
  const chosen = choose(items, options.percent, options.seed);
  await Promise.all(
    chosen.map((machine) => client.patch(machines, keyOf(machine), { metadata: { annotations } })),
  );
  for (const machine of chosen) process.stdout.write(`${formatKey(keyOf(machine))}\n`);
  process.stderr.write(`${chosen.length} of ${items.length} machines\n`);
  await client.close();
}

try {
  const [text = '--help', ...args] = process.argv.slice(2);
  const isText = !text.startsWith('-') || text === '-';
  await inject(isText ? text : '', isText ? args : ['--help']);
} catch (error) {
  const isTold =
    error instanceof FlagError ||
    error instanceof ConfigurationError ||
    error instanceof KubeConfigError;
  process.stderr.write(`fault: ${messageOf(error)}\n`);
  if (!isTold && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = isTold ? 2 : 1;
}
