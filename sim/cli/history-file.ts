// Where does a whole history go: a file of one JSON object a line, written as the run goes.

import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEvent, Observer } from '../domain/history.ts';
import { makeFolder } from './files.ts';

/** Writes every event to `history.ndjson`; `drain` between events keeps nothing in memory. */
export class HistoryFile implements Observer {
  readonly #folder: string;
  readonly #stream: WriteStream;
  #lines: string[] = [];

  constructor(folder: string) {
    makeFolder(folder);
    this.#folder = folder;
    this.#stream = createWriteStream(join(folder, '.history.ndjson.part'));
  }

  see(event: HistoryEvent): void {
    this.#lines.push(JSON.stringify(plain(event)));
  }

  async drain(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length > 0 && !this.#stream.write(`${lines.join('\n')}\n`))
      await once(this.#stream, 'drain');
  }

  /** Leaves nothing behind of a run that came to nothing. */
  async abandon(): Promise<void> {
    this.#stream.destroy();
    await once(this.#stream, 'close');
    rmSync(join(this.#folder, '.history.ndjson.part'), { force: true });
  }

  /** Puts the file in place once all of it is written. */
  async close(): Promise<void> {
    await this.drain();
    this.#stream.end();
    await once(this.#stream, 'finish');
    renameSync(join(this.#folder, '.history.ndjson.part'), join(this.#folder, 'history.ndjson'));
  }
}

/** The event with its request by number; what began the request tells the rest. */
const plain = (event: HistoryEvent): unknown => {
  const { request } = event;
  if (request === undefined || event.kind !== 'arrived')
    return { ...event, request: request?.number ?? null };
  const { principal, bearer, ...facts } = request;
  return {
    ...event,
    request: {
      ...facts,
      principal:
        principal === undefined
          ? null
          : { membership: principal.membership, tier: principal.tenant.tier, role: principal.role },
      bearer:
        bearer === undefined
          ? null
          : {
              standing: bearer.standing,
              tier: bearer.tier,
              tenant: bearer.tenant,
              role: bearer.role,
              expiresUs: bearer.expiresUs,
            },
    },
  };
};
