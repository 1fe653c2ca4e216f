import { createHash } from 'node:crypto';
import {
  templateHashLabel,
  type MachineDeployment,
} from '#api/machine/v1beta1/machine-deployment.ts';
import type { MachineSet, MachineTemplate } from '#api/machine/v1beta1/machine-set.ts';
import { isObject } from '#api/json.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';

const hashLength = 10;

/**
 * Names a template. Two templates of one name are told apart by `collisionCount`, and no decision
 * trusts the hash: what is equal is compared in full.
 */
export function templateHash(template: MachineTemplate, collisionCount = 0): string {
  const text = JSON.stringify([inOrder(template), collisionCount]);
  return createHash('sha256').update(text).digest('hex').slice(0, hashLength);
}

/** Whether a set makes the Machines that the deployment asks for. */
export function hasTemplateOf({ spec }: MachineDeployment, set: MachineSet): boolean {
  return isDeepEqual(comparable(spec?.template), comparable(set.spec?.template));
}

export function withHash(labels: Record<string, string> = {}, hash: string): typeof labels {
  return { ...labels, [templateHashLabel]: hash };
}

/** Without the label that only the copy in a set has; no labels are the same as none. */
function comparable(template: MachineTemplate | undefined): object {
  const { [templateHashLabel]: _, ...labels } = template?.metadata?.labels ?? {};
  return { spec: {}, ...template, metadata: { annotations: {}, ...template?.metadata, labels } };
}

/** The same text for the same value, however its fields are ordered. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const fields = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, inOrder(field)]));
}
