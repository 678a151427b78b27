// What did its owner delete, and is it shown to it again?

import type { Exchange } from '../domain/history.ts';

/** One event or record that memory said was deleted. */
interface Deletion {
  readonly id: string;
  /** When the owner was told. */
  readonly atUs: number;
}

/**
 * Deletions that memory acknowledged to the owner itself, by owner. A read that began before that
 * may still show what it found, and a deletion that failed promises nothing; records that were
 * extracted from a deleted event have ids of their own and stay. Memory gives no id twice.
 */
export class Deletions {
  readonly #byOwner = new Map<string, Deletion[]>();

  /** Sees a call of memory, and says which deletion its reply contradicts. */
  contradicted(event: Exchange): Deletion | undefined {
    const { request, call, reply } = event;
    const owner = request?.principal?.membership;
    if (owner === undefined || reply.status !== 200) return undefined;
    if (call.method === 'DELETE') {
      if (request?.probe?.relation === 'same user') this.#keep(owner, event);
      return undefined;
    }
    return this.#byOwner
      .get(owner)
      ?.find(({ id, atUs }) => event.startedUs > atUs && reply.body.includes(JSON.stringify(id)));
  }

  #keep(owner: string, { call, atUs }: Exchange): void {
    const id = DELETED.exec(call.path)?.[1];
    if (id === undefined) return;
    const deletions = this.#byOwner.get(owner) ?? [];
    deletions.push({ id: decodeURIComponent(id), atUs });
    this.#byOwner.set(owner, deletions);
  }
}

/** Source: botocore 1.43.107, the routes of DeleteEvent and DeleteMemoryRecord. */
const DELETED = /\/(?:events|memoryRecords)\/([^/?]+)(?:\?|$)/;
