import { quote } from '#api/quote.ts';
import { listFlag, type Flag } from '#runtime/flags.ts';

/** Only run when they are named: they want Cluster API's own kinds in the cluster. */
export const clusterAPIControllerNames = [
  'kubemarkmachine',
  'kubemarkmachinetemplate',
  'kubemarkcluster',
] as const;
export type ClusterAPIControllerName = (typeof clusterAPIControllerNames)[number];

export const controllerNames = [
  'machine',
  'machineset',
  'machinedeployment',
  'nodelink',
  'machinehealthcheck',
  'faultinjection',
  'orphannode',
  ...clusterAPIControllerNames,
] as const;
export type ControllerName = (typeof controllerNames)[number];

const everything = '*';

const byNameOnly = new Set<string>(clusterAPIControllerNames);

/** Which controllers run, as kube-controller-manager's flag of that name. */
export function controllersFlag(): Flag<readonly string[]> {
  const flag = listFlag({
    default: [everything],
    help: `The \`controllers\` to run: *: all but those for Cluster API (${[...byNameOnly].join(', ')}), foo: foo, -foo: all but foo; of ${controllerNames.join(', ')}`,
  });
  const parse: typeof flag.parse = (text, previous) => {
    const names = flag.parse(text, previous);
    for (const name of names) check(name);
    return names;
  };
  return { ...flag, parse };
}

/** What is named first wins; what is not named runs with `*`. */
export function isEnabled(name: string, selection: readonly string[]): boolean {
  const named = selection.find((item) => item === name || item === `-${name}`);
  if (named !== undefined) return named === name;
  return selection.includes(everything) && !byNameOnly.has(name);
}

function check(item: string): void {
  const isKnown = controllerNames.some((name) => item === name || item === `-${name}`);
  if (isKnown || item === everything) return;
  throw new Error(`${quote(item)} is not a controller (want *, or ${controllerNames.join(', ')})`);
}
