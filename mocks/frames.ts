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
