import { networkInterfaces } from 'node:os';

/** The addresses of a node: a cable between machine and node, and a bridge in the node for its Pods. */
export interface NodeNetwork {
  /** The machine's end of the cable; the API server listens there. */
  device: string;
  machineAddress: string;
  nodeAddress: string;
  podSubnet: string;
}

/** How many nodes a machine can have at a time. */
const mostNodes = 64;

/** The addresses of the node with this number. */
export function nodeNetwork(index: number): NodeNetwork {
  const prefix = `10.111.${index}`;
  return {
    device: `kubemark${index}`,
    machineAddress: `${prefix}.1`,
    nodeAddress: `${prefix}.2`,
    podSubnet: `${prefix}.128/25`,
  };
}

/**
 * A network that no node of this machine has.
 *
 * @throws Error when all are taken
 */
export function freeNetwork(
  taken: readonly string[] = Object.keys(networkInterfaces()),
): NodeNetwork {
  for (let index = 0; index < mostNodes; index += 1) {
    const network = nodeNetwork(index);
    if (!taken.includes(network.device)) return network;
  }
  throw new Error(
    `this machine has ${mostNodes} nodes already: npm run control-plane -- stop --all`,
  );
}
