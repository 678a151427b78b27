// How does a reply that was made in pieces travel: each piece an event, whose data is its JSON text.

import { closingBytes, frameBytes, framesOf, isFramed } from '../../mocks/frames.ts';
import { type Headers, header, type Reply, without } from '../domain/wire.ts';

/** Says on a hop that the body holds pieces, and what the content type of the whole is. */
const PIECES = 'x-poolproof-pieces';
export const EVENTS = 'text/event-stream';

/** What goes over the wire. */
export interface Sendable {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array | string;
}

/** A reply from one service to another, with its pieces kept apart. */
export const ofHop = (reply: Reply): Sendable => {
  const { status, headers, body, chunks } = reply;
  if (chunks === undefined) return { status, headers, body };
  const type = header(headers, 'content-type') ?? '';
  if (isFramed(type)) return { status, headers, body: framed(type, chunks) };
  const rest = without(headers, 'content-type');
  return {
    status,
    headers: [...rest, [PIECES, type], ['content-type', EVENTS]],
    body: chunks.map(event).join(''),
  };
};

/** Reads what `ofHop` wrote. Throws on what it cannot have written. */
export const fromHop = (status: number, headers: Headers, bytes: Uint8Array): Reply => {
  const type = header(headers, 'content-type') ?? '';
  const whole = header(headers, PIECES);
  if (whole !== undefined) {
    const rest = without(headers, PIECES, 'content-type');
    const chunks = piecesIn(text(bytes));
    const own: Headers = whole === '' ? rest : [...rest, ['content-type', whole]];
    return { status, headers: own, body: chunks.join(''), chunks };
  }
  if (status !== 200 || !isFramed(type)) return { status, headers, body: text(bytes) };
  const chunks = framesOf(type, bytes);
  return { status, headers, body: chunks.join(''), chunks };
};

/** The reply as a client at the inside door reads it: a model's frames as the model host sends them. */
export const ofInside = (reply: Reply): Sendable => {
  const type = header(reply.headers, 'content-type') ?? '';
  return isFramed(type) ? ofHop(reply) : reply;
};

/** The reply as one who asked for events reads it; whole where it was made in one piece. */
export const ofEvents = (reply: Reply): Sendable => {
  const { status, headers, body, chunks } = reply;
  if (chunks === undefined || status !== 200) return { status, headers, body };
  return {
    status,
    headers: [...without(headers, 'content-type'), ['content-type', EVENTS]],
    body: chunks.map(event).join(''),
  };
};

/** The pieces of a whole stream of events, or of the part of it that has come. */
export const piecesIn = (events: string): readonly string[] =>
  events
    .split('\n\n')
    .slice(0, -1)
    .filter((one) => one.startsWith('data: '))
    .map((one) => String(JSON.parse(one.slice('data: '.length))));

const event = (piece: string): string => `data: ${JSON.stringify(piece)}\n\n`;

const framed = (type: string, frames: readonly string[]): Uint8Array => {
  const parts = [...frames.map((frame) => frameBytes(type, frame)), closingBytes(type)];
  return Buffer.concat(parts);
};

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
