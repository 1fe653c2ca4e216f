import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import type { Item, OwnershipGraph } from './graph.ts';
import { isWaitingForDependents } from './graph.ts';

/** Takes a new state of an object into the graph; returns the uids of the objects to look at. */
export function noteSeen(graph: OwnershipGraph, item: Item): string[] {
  const before = graph.get(item.uid);
  if (before !== undefined && isDeepEqual(before, item)) return [];
  graph.set(item);
  const startsWaiting =
    isWaitingForDependents(item) && (before === undefined || !isWaitingForDependents(before));
  return [
    ...(item.owners.length > 0 || item.deleting ? [item.uid] : []),
    ...(startsWaiting ? dependentsOf(graph, item) : []),
    ...waitingOwnersOf(graph, item),
    ...(before === undefined ? [] : waitingOwnersOf(graph, before)),
  ];
}

/** Takes the end of an object into the graph; returns the uids of the objects to look at. */
export function noteGone(graph: OwnershipGraph, item: Item): string[] {
  graph.delete(item.uid);
  return [...dependentsOf(graph, item), ...waitingOwnersOf(graph, item)];
}

function dependentsOf(graph: OwnershipGraph, item: Item): string[] {
  return graph.dependentsOf(item.uid).map(({ uid }) => uid);
}

/** Owners that may be able to go now. */
function waitingOwnersOf(graph: OwnershipGraph, item: Item): string[] {
  return item.owners
    .map(({ uid }) => graph.get(uid))
    .filter((owner) => owner !== undefined)
    .filter(isWaitingForDependents)
    .map(({ uid }) => uid);
}
