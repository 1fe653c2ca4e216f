import type { MachineStatus } from '#api/machine/v1beta1/machine.ts';
import * as events from './events.ts';
import type { MachineEvent } from './events.ts';
import { nodeLostReason } from './explanation.ts';
import { providerStatusOf } from './provider-status.ts';
import type { Observed } from './status.ts';

/** The events to record, once, when `after` has been stored in the place of `before`. */
export function newsIn(
  before: MachineStatus,
  after: MachineStatus,
  { node, waiting }: Observed,
): MachineEvent[] {
  const was = providerStatusOf(before);
  const { reason, message } = providerStatusOf(after);
  const news: MachineEvent[] = [];
  const isExplained = reason !== undefined && message !== undefined && waiting === undefined;
  if (isExplained && (reason !== was.reason || message !== was.message)) {
    news.push({ type: 'Warning', reason, message });
  }
  const isAnother = before.nodeRef?.uid !== after.nodeRef?.uid;
  if (node !== undefined && before.nodeRef && (isAnother || was.reason === nodeLostReason)) {
    news.push(events.nodeRegistered(node.metadata.name ?? ''));
  }
  return news;
}
