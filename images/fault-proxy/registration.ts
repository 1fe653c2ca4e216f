import type { Node, NodeCondition } from '#api/core.ts';
import type { FaultSchedule } from '#hollow-node/fault-schedule.ts';
import type { Answer } from './exchange.ts';
import type { Upstream, UpstreamRequest } from './upstream.ts';

const json = 'application/json';

export interface RegistrationRequest {
  request: UpstreamRequest;
  /** What the kubelet reports; absent: what it registers is what will be stored. */
  said?: readonly NodeCondition[];
}

/**
 * The creation of a Node as faults want it. A kubelet may send protobuf, which only the API server can
 * read: it is asked what it would store, and that is changed and sent as JSON.
 *
 * @param now RFC 3339, whole seconds
 */
export async function registrationFor(
  request: UpstreamRequest,
  faults: FaultSchedule,
  upstream: Upstream,
  now: string,
): Promise<RegistrationRequest> {
  const asked = { ...request, headers: { ...request.headers, accept: json } };
  const { conditions, providerID } = faults.now();
  const decided = [...faults.foreign, ...conditions];
  if (decided.length === 0 && providerID === undefined) return { request: asked };
  const node = nodeIn(await upstream.exchange({ ...asked, target: dryRun(request.target) }));
  if (node === undefined) return { request: asked }; // it will be refused as it was now
  const { name, labels, annotations } = node.metadata;
  const said = node.status?.conditions ?? [];
  const values = new Map(said.map((condition) => [condition.type, condition]));
  for (const value of decided) {
    values.set(value.type, { ...value, lastHeartbeatTime: now, lastTransitionTime: now });
  }
  const { providerID: right, ...spec } = node.spec ?? {};
  const id = providerID ?? right ?? '';
  const changed: Node = {
    ...node,
    metadata: {
      ...(name && { name }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    },
    spec: { ...spec, ...(id !== '' && { providerID: id }) },
    status: { ...node.status, conditions: readyLast([...values.values()]) },
  };
  const body = Buffer.from(JSON.stringify(changed));
  return { request: { ...asked, headers: { ...asked.headers, 'content-type': json }, body }, said };
}

/** The Node in an answer that is a success. */
export function nodeIn({ statusCode, body }: Answer): Node | undefined {
  if (statusCode >= 300) return undefined;
  const value: Node = JSON.parse(body.toString()); // trusted, if it says so itself
  return value.kind === 'Node' ? value : undefined;
}

function dryRun(target: string): string {
  return `${target}${target.includes('?') ? '&' : '?'}dryRun=All`;
}

/** Clients may read it as a summary of the others (kubernetes issue 16961). */
function readyLast(conditions: NodeCondition[]): NodeCondition[] {
  return conditions.toSorted((one, other) => rank(one) - rank(other));
}

function rank({ type }: NodeCondition): number {
  return type === 'Ready' ? 1 : 0;
}
