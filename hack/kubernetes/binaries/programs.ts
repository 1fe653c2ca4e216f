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

export function programsOf({ isFull }: { isFull: boolean }): readonly ControlPlaneProgram[] {
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
