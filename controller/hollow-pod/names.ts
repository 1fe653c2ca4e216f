import { createHash } from 'node:crypto';

/** What a label value, and so `kubernetes.io/hostname`, can hold. */
const longestName = 63;
const hashLength = 8;

/** The prefix of every provider ID that a kubemark writes. */
const providerIDPrefix = 'kubemark://';

/**
 * The one name of a machine's Pod and Node: the machine's, made to fit, and a hash of its UID.
 *
 * Always the same for the same machine, so creating twice is harmless; never the same for two
 * machines, be it in two namespaces or one after the other under the same name.
 */
export function hollowNodeName(machine: { name: string; uid: string }): string {
  const hash = createHash('sha256').update(machine.uid).digest('hex').slice(0, hashLength);
  const readable = machine.name
    .replaceAll('.', '-') // a Pod's host name is one DNS label
    .slice(0, longestName - hashLength - 1)
    .replace(/-+$/, '');
  return `${readable}-${hash}`;
}

/** `kubemark://<node name>`, as kubemark sets it on its Node (kubernetes PR 73393). */
export function providerIDFor(nodeName: string): string {
  return providerIDPrefix + nodeName;
}

/**
 * The name of a KubemarkMachine's Pod and Node: its own, as core's users expect, unless it is too
 * long for `kubernetes.io/hostname`. Not of the UID, which is another after `clusterctl move`.
 */
export function clusterNodeName(machineName: string): string {
  if (machineName.length <= longestName) return machineName;
  const hash = createHash('sha256').update(machineName).digest('hex').slice(0, hashLength);
  const readable = machineName.slice(0, longestName - hashLength - 1).replace(/[-.]+$/, '');
  return `${readable}-${hash}`;
}

/** The Node's name in a provider ID of kubemark; undefined: it is another's. */
export function nodeNameIn(providerID: string): string | undefined {
  return providerID.startsWith(providerIDPrefix)
    ? providerID.slice(providerIDPrefix.length)
    : undefined;
}
