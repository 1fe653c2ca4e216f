import type { KubernetesObject } from '#api/meta.ts';
import { treatmentOf } from '#api/faults/effects.ts';
import type { Client, RequestOptions } from '#runtime/client/client.ts';
import { statusError } from '#runtime/client/status.ts';
import type { Clock } from '#runtime/clock.ts';
import { requestTimeout } from './kubelet.ts';
import type { FaultSchedule } from './fault-schedule.ts';

interface FaultyClientOptions {
  client: Client;
  faults: FaultSchedule;
  clock: Clock;
  /** 0 ≤ x < 1: which requests are hit. */
  random: () => number;
}

/**
 * A client whose requests wait and fail as `APILatency` and `APIErrors` say, before they are sent. The
 * errors have a reason of their own: a 404 must not pass for the word that something does not exist.
 */
export function faultyClient({ client, faults, clock, random }: FaultyClientOptions): Client {
  const suffer = async (request: string, { signal, timeout }: RequestOptions): Promise<void> => {
    const { delay, code } = treatmentOf(faults.now(), random);
    const patience = timeout ?? requestTimeout;
    if (delay > 0) await clock.sleep(Math.min(delay, patience), signal);
    if (delay > patience) throw new Error(`${request}: no answer within ${patience / 1000} s`);
    if (code === undefined) return;
    throw statusError(request, { code, reason: 'FaultInjected', message: 'failing on request' });
  };
  return {
    async get(kind, key, options = {}) {
      await suffer(`GET ${kind.plural}`, options);
      return client.get(kind, key, options);
    },
    async list(kind, options = {}) {
      await suffer(`LIST ${kind.plural}`, options);
      return client.list(kind, options);
    },
    async *watch<T extends KubernetesObject>(
      ...[kind, options]: Parameters<typeof client.watch<T>>
    ) {
      await suffer(`WATCH ${kind.plural}`, options);
      yield* client.watch(kind, options);
    },
    async create(kind, object, options = {}) {
      await suffer(`POST ${kind.plural}`, options);
      return client.create(kind, object, options);
    },
    async createSubresource(kind, key, subresource, body, options = {}) {
      await suffer(`POST ${kind.plural}/${subresource}`, options);
      return client.createSubresource(kind, key, subresource, body, options);
    },
    async update(kind, object, options = {}) {
      await suffer(`PUT ${kind.plural}`, options);
      return client.update(kind, object, options);
    },
    async patch(kind, key, patch, options = {}) {
      await suffer(`PATCH ${kind.plural}`, options);
      return client.patch(kind, key, patch, options);
    },
    async delete(kind, key, options = {}) {
      await suffer(`DELETE ${kind.plural}`, options);
      return client.delete(kind, key, options);
    },
  };
}
