// How is a reply written to a connection that may be slow, or gone?

import type { FastifyReply } from 'fastify';
import { closingBytes, frameBytes } from '../../mocks/frames.ts';
import { type Headers, header } from '../domain/wire.ts';
import type { Sendable } from './pieces.ts';

/** What waits for a reader at most, in bytes; a connection that lets more pile up is cut. Assumed. */
const UNREAD_BYTES_MAX = 1_048_576;

/** One answer on its way to one connection. */
export class Answer {
  readonly #raw: FastifyReply['raw'];
  readonly #cut: (why: 'left' | 'slow') => void;
  #type: string | undefined;
  #over = false;

  /** `cut` hears once of a reader who left, or who was left for reading too slowly. */
  constructor(raw: FastifyReply['raw'], cut: (why: 'left' | 'slow') => void) {
    this.#raw = raw;
    this.#cut = cut;
    raw.on('close', () => {
      if (!raw.writableFinished && !this.#over) this.#cut('left');
      this.#over = true;
    });
    raw.on('error', () => {});
  }

  /** Writes one frame of a stream, the first after the head. */
  frame(frame: string, headers: Headers): void {
    if (this.#over) return;
    if (this.#type === undefined) {
      this.#type = header(headers, 'content-type') ?? '';
      this.#raw.writeHead(200, headers.flat());
    }
    this.#raw.write(frameBytes(this.#type, frame));
    if (this.#raw.writableLength > UNREAD_BYTES_MAX) this.#drop();
  }

  /** Writes the whole reply, or what ends the stream that was begun. */
  end({ status, headers, body }: Sendable): void {
    if (this.#over) return;
    if (this.#type !== undefined) {
      this.#raw.end(closingBytes(this.#type));
      return;
    }
    const length = String(Buffer.byteLength(body));
    this.#raw.writeHead(status, [...headers.flat(), 'content-length', length]);
    this.#raw.end(body);
  }

  #drop(): void {
    this.#over = true;
    this.#cut('slow');
    this.#raw.destroy();
  }
}
