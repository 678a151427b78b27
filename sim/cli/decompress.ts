// What was a body before it was compressed for the wire, and is it small enough to be read?

import { gunzipSync, inflateSync } from 'node:zlib';

export type Decompressed =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'refused';
      /** 400 broken, 413 too large, 415 compressed in a way that is not known. */
      readonly status: 400 | 413 | 415;
      readonly complaint: string;
    };

/**
 * Undoes `Content-Encoding`: `gzip`, `deflate`, or none. What would come to more than `bytesMax` is
 * refused before it is there, however small it was made. Never throws.
 */
export const decompress = (
  contentEncoding: string | undefined,
  bytes: Uint8Array,
  bytesMax: number,
): Decompressed => {
  const encoding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '')
    return bytes.length > bytesMax ? tooLarge(bytesMax) : { kind: 'bytes', bytes };
  const undo = WAYS.get(encoding);
  if (undo === undefined)
    return refused(415, 'expected content without compression, or gzip or deflate');
  try {
    return { kind: 'bytes', bytes: undo(bytes, { maxOutputLength: bytesMax }) };
  } catch (error) {
    const isLarge = error instanceof RangeError;
    return isLarge ? tooLarge(bytesMax) : refused(400, `expected content in ${encoding}`);
  }
};

const WAYS: ReadonlyMap<string, typeof gunzipSync> = new Map([
  ['gzip', gunzipSync],
  ['deflate', inflateSync],
]);

const tooLarge = (bytesMax: number): Decompressed =>
  refused(413, `expected at most ${bytesMax} bytes`);

const refused = (status: 400 | 413 | 415, complaint: string): Decompressed => ({
  kind: 'refused',
  status,
  complaint,
});
