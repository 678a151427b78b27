// How does a real client sign and send? Smithy's own signer, and the request as the wire has it.

import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpRequest } from '@smithy/types';
import type { Headers } from '../../sim/domain/wire.ts';
import type { SignedRequest, SigningTerms } from '../../sim/protocol/sigv4.ts';

/** The hash that the signer is given, with node's own functions. */
class Sha256 {
  readonly #key: string | Uint8Array | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#key = keyOf(secret);
    this.#hash = this.#begun();
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    this.#hash = this.#begun();
  }

  #begun(): Hash | Hmac {
    return this.#key === undefined ? createHash('sha256') : createHmac('sha256', this.#key);
  }
}

const keyOf = (secret?: string | ArrayBuffer | ArrayBufferView): string | Uint8Array | undefined =>
  secret === undefined || typeof secret === 'string'
    ? secret
    : ArrayBuffer.isView(secret)
      ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
      : new Uint8Array(secret);

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** 15:00 UTC on 2 March 2026. */
export const SIGNED_US = Date.UTC(2026, 2, 2, 15) * 1000;
export const HOST = 'bedrock-runtime.us-east-1.amazonaws.com';

export interface Plain {
  readonly method: string;
  /** As it stands on the wire, without its query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** The request as Smithy signs it and a server receives it. */
export const signed = async (
  plain: Plain,
  keys: Keys,
  { hashesBody = true, atUs = SIGNED_US } = {},
): Promise<SignedRequest> => {
  const signer = new SignatureV4({
    service: 'bedrock',
    region: 'us-east-1',
    credentials: keys,
    sha256: Sha256,
    applyChecksum: hashesBody,
  });
  const request: HttpRequest = {
    method: plain.method,
    protocol: 'https:',
    hostname: HOST,
    path: plain.path,
    query: { ...plain.query },
    headers: { ...plain.headers, host: HOST },
    body: plain.body ?? '',
  };
  return received(await signer.sign(request, { signingDate: new Date(atUs / 1000) }));
};

/** What a server receives of a signed request. */
export const received = (request: HttpRequest): SignedRequest => {
  const query = Object.entries(request.query ?? {})
    .flatMap(([name, value]) => [value ?? []].flat().map((one) => [name, one] as const))
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join('&');
  return {
    method: request.method,
    path: query === '' ? request.path : `${request.path}?${query}`,
    headers: Object.entries(request.headers).map(([name, value]): Headers[number] => [
      name.toLowerCase(),
      value.trim(),
    ]),
    body: request.body as string | Uint8Array,
  };
};

/** A text as part of a path or a query: all but the unreserved characters as `%XX`. */
export const escaped = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Terms under which those keys, and no others, were issued. */
export const termsFor = (keys: Keys, nowUs = SIGNED_US): SigningTerms => ({
  service: 'bedrock',
  region: 'us-east-1',
  nowUs,
  secretOf: (accessKeyId, sessionToken) =>
    accessKeyId === keys.accessKeyId && sessionToken === (keys.sessionToken ?? '')
      ? keys.secretAccessKey
      : undefined,
});
