// Who signed this request: AWS Signature Version 4, computed again from what was received.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Headers, header } from '../domain/wire.ts';
import { formatInstant, parseInstantUs } from '../kernel/calendar.ts';
import { MINUTE_US } from '../kernel/clock.ts';
import { canonicalRequest, valuesOf } from './sigv4/canonical.ts';

/** A request as it was received. */
export interface SignedRequest {
  readonly method: string;
  /** Path with query as they stood on the wire, nothing decoded. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Headers;
  /** The bytes, or their text where they are UTF-8. */
  readonly body: string | Uint8Array;
}

/** What the verifier must be told. */
export interface SigningTerms {
  /** The name in the credential scope, e.g. `bedrock`. */
  readonly service: string;
  readonly region: string;
  readonly nowUs: number;
  /** The secret of a pair, or `undefined` when it was never issued. `sessionToken` is empty when none was sent. */
  readonly secretOf: (accessKeyId: string, sessionToken: string) => string | undefined;
}

export type SignatureVerdict =
  | {
      readonly kind: 'verified';
      readonly accessKeyId: string;
      readonly sessionToken: string;
    }
  | SignatureRefusal;

export interface SignatureRefusal {
  readonly kind: 'refused';
  readonly why: 'missing' | 'malformed' | 'scope' | 'skewed' | 'unknown key' | 'differs';
  readonly status: number;
  /** AWS's name of the error, for `x-amzn-errortype`. */
  readonly code: string;
  readonly message: string;
}

/**
 * How far the date of a signature may be from now, either way. Source: Bedrock's own refusals,
 * `Signature expired: … is now earlier than … (… - 5 min.)`, aws-samples/bedrock-access-gateway#163.
 */
export const SIGNATURE_SKEW_US = 5 * MINUTE_US;

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** What must not be there twice: nobody could say which of them was signed. */
const SINGLE = [
  'authorization',
  'host',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
];

/**
 * Verifies a request by its `authorization` header. Host and every `x-amz-…` header, the session
 * token among them, must be signed, and the body is always hashed again.
 * SIMPLIFICATION: no presigned URLs, no unsigned or chunked payloads, no Signature Version 4A.
 */
export const verifySignature = (request: SignedRequest, terms: SigningTerms): SignatureVerdict => {
  const repeated = SINGLE.find((name) => valuesOf(request.headers, name).length > 1);
  if (repeated !== undefined) return incomplete(`Header '${repeated}' is given more than once.`);
  const authorization = header(request.headers, 'authorization');
  if (authorization === undefined || !authorization.startsWith(`${ALGORITHM} `)) return MISSING;
  const claim = claimOf(authorization);
  if (typeof claim === 'string') return incomplete(claim);
  const date = header(request.headers, 'x-amz-date') ?? '';
  const signedUs = instantOf(date);
  if (signedUs === undefined)
    return incomplete("Authorization header requires existence of an 'X-Amz-Date' header.");
  const misplaced =
    scopeComplaint(claim, date, terms) ?? skewComplaint(date, signedUs, terms.nowUs);
  if (misplaced !== undefined) return misplaced;
  const unsigned = unsignedHeader(request.headers, claim.signedHeaders);
  if (unsigned !== undefined) return unsigned;

  const sessionToken = header(request.headers, 'x-amz-security-token') ?? '';
  const secret = terms.secretOf(claim.accessKeyId, sessionToken);
  if (secret === undefined) return UNKNOWN_KEY;
  const bodyHash = sha256(request.body);
  if ((header(request.headers, 'x-amz-content-sha256') ?? bodyHash) !== bodyHash) return DIFFERS;
  const canonical = canonicalRequest(request, claim.signedHeaders, bodyHash);
  const scope = claim.scope.join('/');
  const expected = hmac(
    signingKeyOf(secret, claim.scope),
    [ALGORITHM, date, scope, sha256(canonical)].join('\n'),
  );
  if (!timingSafeEqual(expected, Buffer.from(claim.signature, 'hex'))) return DIFFERS;
  return { kind: 'verified', accessKeyId: claim.accessKeyId, sessionToken };
};

/** What an `authorization` header says. */
interface Claim {
  readonly accessKeyId: string;
  /** Day, region, service and `aws4_request`. */
  readonly scope: readonly [string, string, string, string];
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
}

/** Reads the header, or says in AWS's words what is wrong with it. */
const claimOf = (authorization: string): Claim | string => {
  const parts = new Map<string, string>();
  for (const part of authorization.slice(ALGORITHM.length + 1).split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    if (at < 0 || parts.has(name)) return `'${part.trim()}' not a valid key=value pair.`;
    parts.set(name, part.slice(at + 1).trim());
  }
  const { Credential, SignedHeaders, Signature } = Object.fromEntries(parts);
  for (const [name, value] of Object.entries({ Credential, Signature, SignedHeaders }))
    if (value === undefined) return `Authorization header requires '${name}' parameter.`;
  const [accessKeyId = '', day, region, service, end, ...more] = (Credential ?? '').split('/');
  if (day === undefined || region === undefined || service === undefined || accessKeyId === '')
    return 'Credential must have exactly 5 slash-delimited elements.';
  if (end === undefined || more.length > 0)
    return 'Credential must have exactly 5 slash-delimited elements.';
  if (Signature === undefined || !/^[0-9a-f]{64}$/.test(Signature))
    return 'Signature must be 64 hexadecimal digits.';
  const signedHeaders = (SignedHeaders ?? '').split(';');
  if (signedHeaders.some((name, index) => name === '' || name <= (signedHeaders[index - 1] ?? '')))
    return 'SignedHeaders must be sorted names, each once.';
  return { accessKeyId, scope: [day, region, service, end], signedHeaders, signature: Signature };
};

const scopeComplaint = (
  { scope }: Claim,
  date: string,
  { region, service }: SigningTerms,
): SignatureRefusal | undefined => {
  const [day, ownRegion, ownService, end] = scope;
  if (ownRegion !== region)
    return outOfScope(`Credential should be scoped to a valid region. It was '${ownRegion}'.`);
  if (ownService !== service)
    return outOfScope(`Credential should be scoped to correct service: '${service}'.`);
  if (end !== 'aws4_request')
    return outOfScope("Credential should be scoped with a valid terminator: 'aws4_request'.");
  if (day !== date.slice(0, 8))
    return outOfScope(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${day}' != '${date.slice(0, 8)}'.`,
    );
  return undefined;
};

const skewComplaint = (
  date: string,
  signedUs: number,
  nowUs: number,
): SignatureRefusal | undefined => {
  const now = dateOf(nowUs);
  if (signedUs < nowUs - SIGNATURE_SKEW_US)
    return skewed(
      `Signature expired: ${date} is now earlier than ${dateOf(nowUs - SIGNATURE_SKEW_US)} (${now} - 5 min.)`,
    );
  if (signedUs > nowUs + SIGNATURE_SKEW_US)
    return skewed(
      `Signature not yet current: ${date} is still later than ${dateOf(nowUs + SIGNATURE_SKEW_US)} (${now} + 5 min.)`,
    );
  return undefined;
};

/** A header that had to be signed and is not, or was signed and is not there. */
const unsignedHeader = (
  headers: Headers,
  signed: readonly string[],
): SignatureRefusal | undefined => {
  const names = new Set(headers.map(([name]) => name));
  if (!signed.includes('host'))
    return differs("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  for (const name of names)
    if (name.startsWith('x-amz-') && !signed.includes(name))
      return differs(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
  return signed.every((name) => names.has(name)) ? undefined : DIFFERS;
};

const signingKeyOf = (secret: string, scope: readonly string[]): Buffer =>
  scope.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`, 'utf8'));

const hmac = (key: Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text, 'utf8').digest();

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** The instant of an ISO 8601 date in its basic form, e.g. `20260302T150000Z`. */
const instantOf = (date: string): number | undefined =>
  DATE.test(date) ? parseInstantUs(date.replace(DATE, '$1-$2-$3T$4:$5:$6Z')) : undefined;

const dateOf = (atUs: number): string =>
  formatInstant(atUs).replace(/\.\d+/, '').replace(/[-:]/g, '');

const refusal =
  (why: SignatureRefusal['why'], status: number, code: string) =>
  (message: string): SignatureRefusal => ({ kind: 'refused', why, status, code, message });

/** Statuses: common errors of Bedrock's API reference and user guide; IncompleteSignature 400 by the latter. */
const incomplete = refusal('malformed', 400, 'IncompleteSignatureException');
const outOfScope = refusal('scope', 403, 'InvalidSignatureException');
const skewed = refusal('skewed', 403, 'InvalidSignatureException');
const differs = refusal('differs', 403, 'InvalidSignatureException');
const MISSING = refusal(
  'missing',
  403,
  'MissingAuthenticationTokenException',
)('Missing Authentication Token');
const UNKNOWN_KEY = refusal(
  'unknown key',
  403,
  'UnrecognizedClientException',
)('The security token included in the request is invalid.');
const DIFFERS = differs(
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
);
