// How does a streamed frame look on a real wire: server-sent events, or AWS event-stream bytes?

import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import { parsed } from '../sim/domain/wire.ts';
import { converse } from './converse.ts';

/** The bytes of one frame (a JSON text, as in `Reply.chunks`) for a reply of that content type. */
export const frameBytes = (contentType: string, frame: string): Uint8Array => {
  if (contentType !== converse.streamContentType) return fromUtf8(`data: ${frame.trimEnd()}\n\n`);
  const [event = '', payload] = Object.entries(parsed(frame) ?? {})[0] ?? [];
  return codec.encode({
    headers: {
      ':event-type': { type: 'string', value: event },
      ':content-type': { type: 'string', value: 'application/json' },
      ':message-type': { type: 'string', value: 'event' },
    },
    body: fromUtf8(JSON.stringify(payload)),
  });
};

/** What ends a stream of that content type: `data: [DONE]`, or nothing. */
export const closingBytes = (contentType: string): Uint8Array =>
  contentType === converse.streamContentType ? new Uint8Array() : fromUtf8('data: [DONE]\n\n');

const codec = new EventStreamCodec(toUtf8, fromUtf8);

/** The frames of a whole stream, as `frameBytes` and `closingBytes` wrote them. Throws on broken bytes. */
export const framesOf = (contentType: string, bytes: Uint8Array): readonly string[] =>
  contentType === converse.streamContentType ? eventFrames(bytes) : sentFrames(toUtf8(bytes));

const sentFrames = (text: string): readonly string[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: ') && event !== 'data: [DONE]')
    .map((event) => `${event.slice('data: '.length)}\n`);

const eventFrames = (bytes: Uint8Array): readonly string[] => {
  const frames: string[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A message begins with its whole length.
  for (let at = 0; at < bytes.length; at += view.getUint32(at)) {
    const { headers, body } = codec.decode(bytes.subarray(at, at + view.getUint32(at)));
    const name = String(headers[':event-type']?.value);
    frames.push(`${JSON.stringify({ [name]: parsed(toUtf8(body)) })}\n`);
  }
  return frames;
};

/** True when replies of that content type are streams of frames. */
export const isFramed = (contentType: string): boolean =>
  contentType === converse.streamContentType || contentType === 'text/event-stream';
