// What does a server take from the machine and from who starts it, and what does it count?

import type { Headers } from '../domain/wire.ts';
import type { LiveSurroundings } from '../engines/live.ts';
import type { Sendable } from './pieces.ts';

export interface ServerSurroundings extends Omit<LiveSurroundings, 'wire'> {
  readonly host: string;
  /** 0 for any free port. */
  readonly outsidePort: number;
  readonly insidePort: number;
  /** Known to this run alone. */
  readonly secret: string;
  /** The inside door of the server that has the runtime, where this one is a front door only. */
  readonly runtimeAt?: string;
  /** How long a request may take to come in whole, in milliseconds. */
  readonly patienceMs?: number;
  /** Takes exported traces in; left out, there is no such door. */
  readonly traces?: (headers: Headers, body: Uint8Array) => Sendable;
}

/** What the server met that is no call of the platform's. */
export interface ServerTally {
  /** Requests of any kind that were answered. */
  answered: number;
  /** Bodies above the limit. */
  tooLarge: number;
  /** Bytes that are no HTTP, headers above the limit, requests that never came in whole, CONNECT. */
  malformed: number;
  /** Readers who left before their answer ended. */
  left: number;
  /** Readers who were left for reading too slowly. */
  slow: number;
}
