import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** What every control plane runs. */
export const basicPrograms = ['etcd', 'kube-apiserver'] as const;

/** What acts on the objects in it. */
export const fullPrograms = [
  ...basicPrograms,
  'kube-controller-manager',
  'kube-scheduler',
] as const;

export type ControlPlaneProgram = (typeof fullPrograms)[number];

/** What makes a machine a node. */
export const nodePrograms = ['kubelet', 'kube-proxy'] as const;

/** Which programs are needed; with a node, all of them. */
export function programsOf({
  isFull,
  isNode = false,
}: {
  isFull: boolean;
  isNode?: boolean;
}): readonly string[] {
  if (isNode) return [...fullPrograms, ...nodePrograms];
  return isFull ? fullPrograms : basicPrograms;
}

/** Those of `programs` that `folder` does not have. */
export async function missingPrograms(
  folder: string,
  programs: readonly string[],
): Promise<string[]> {
  const found = await Promise.all(programs.map((name) => isExecutable(join(folder, name))));
  return programs.filter((_, index) => !found[index]);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
