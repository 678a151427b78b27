// Does the verifier of signatures accept what real clients sign, and nothing that was changed since?

import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import type { HttpRequest } from '@smithy/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  SIGNATURE_SKEW_US,
  type SignatureVerdict,
  type SignedRequest,
  verifySignature,
} from '../sim/protocol/sigv4.ts';
import {
  escaped,
  type Keys,
  type Plain,
  received,
  SIGNED_US,
  signed,
  termsFor,
} from './sigv4/signer.ts';

const KEYS: Keys = {
  accessKeyId: 'ASIA0123456789ABCDEF',
  secretAccessKey: '0123456789abcdef0123456789abcdef01234567',
  sessionToken: 'IQoJ0123456789abcdef/+==',
};
const CONVERSE: Plain = {
  method: 'POST',
  path: '/model/openai.gpt-oss-120b-1%3A0/converse',
  headers: { 'content-type': 'application/json' },
  body: '{"messages":[{"role":"user","content":[{"text":"très bien"}]}]}',
};

/** Verdicts as `verified` or the reason of the refusal. */
const said = (verdict: SignatureVerdict): string =>
  verdict.kind === 'verified' ? 'verified' : verdict.why;

const verdictOf = (request: SignedRequest, keys = KEYS, nowUs = SIGNED_US): string =>
  said(verifySignature(request, termsFor(keys, nowUs)));

const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const path = fc
  .array(fc.oneof(segment.map(escaped), fc.constantFrom('.', '..', '', 'model', '~tilde', 'a+b')), {
    maxLength: 5,
  })
  .map((segments) => `/${segments.join('/')}`);
const query = fc.dictionary(
  segment.filter((name) => name !== '__proto__'),
  fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(segment, { minLength: 1, maxLength: 3 })),
  { maxKeys: 4 },
);
/** What a header can carry: visible ASCII and blanks. */
const headerValue = fc.string({
  unit: fc.constantFrom(...' \tabcXYZ0189,;=%/"é'.split('')),
  maxLength: 20,
});
const headers = fc.dictionary(
  fc.constantFrom('content-type', 'accept', 'x-amz-meta', 'X-Amz-Other', 'baggage', 'user-agent'),
  headerValue,
);
const body = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.uint8Array({ maxLength: 60 }),
  fc.json(),
);
const keys = fc.record({
  accessKeyId: fc.stringMatching(/^ASIA[A-Z0-9]{16}$/),
  secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
  sessionToken: fc.stringMatching(/^[A-Za-z0-9/+=]{8,40}$/),
});
const plain = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
  path,
  query,
  headers,
  body,
});

test("what Smithy's signer signs is verified: paths, queries, headers and bodies of all kinds", async () => {
  await fc.assert(
    fc.asyncProperty(plain, keys, fc.boolean(), async (request, own, hashesBody) => {
      const sent = await signed(request, own, { hashesBody });
      expect(verifySignature(sent, termsFor(own))).toEqual({
        kind: 'verified',
        accessKeyId: own.accessKeyId,
        sessionToken: own.sessionToken,
      });
    }),
    { numRuns: 200 },
  );
});

test.each([
  'mistral.ministral-3-8b-instruct',
  'openai.gpt-oss-120b-1:0',
  'arn:aws:bedrock:us-east-1::foundation-model/openai.gpt-oss-120b-1:0',
  "a model with 'quotes', (brackets) and *",
])(
  "what the AWS SDK signs for the model %s is verified, and with another's secret it is not",
  async (modelId) => {
    const sent: HttpRequest[] = [];
    const client = new BedrockRuntimeClient({
      region: 'us-east-1',
      credentials: KEYS,
      systemClockOffset: SIGNED_US / 1000 - Date.now(),
      maxAttempts: 1,
      requestHandler: {
        handle: (request: HttpRequest) => {
          sent.push(request);
          return Promise.reject(new Error('not sent'));
        },
      },
    });
    const asked = {
      modelId,
      messages: [{ role: 'user' as const, content: [{ text: '“très bien”' }] }],
    };
    await expect(client.send(new ConverseCommand(asked))).rejects.toThrow('not sent');
    await expect(client.send(new ConverseStreamCommand(asked))).rejects.toThrow('not sent');
    expect(sent).toHaveLength(2);
    for (const request of sent.map(received)) {
      const nowUs = SIGNED_US;
      expect(verdictOf(request, KEYS, nowUs)).toBe('verified');
      expect(verdictOf(request, { ...KEYS, secretAccessKey: 'x'.repeat(40) }, nowUs)).toBe(
        'differs',
      );
    }
  },
);

/** Characters that no canonical form changes into one another. */
const OTHERS = 'ghjkzGHJK0189~-_'.split('');

/** The text with one of its characters replaced by another. */
const changed = (text: string, at: number, by: number): string => {
  const place = at % text.length;
  const old = text[place];
  const others = OTHERS.filter((character) => character !== old);
  return text.slice(0, place) + others[by % others.length] + text.slice(place + 1);
};

const PARTS = ['method', 'path', 'body', 'header', 'secret', 'key', 'signature'] as const;

const tampered = (
  request: SignedRequest,
  own: Keys,
  change: { readonly part: (typeof PARTS)[number]; readonly at: number; readonly by: number },
): readonly [SignedRequest, Keys] => {
  const { part, at, by } = change;
  const authorized = (edit: (text: string) => string): SignedRequest => ({
    ...request,
    headers: request.headers.map(([name, value]) => [
      name,
      name === 'authorization' ? edit(value) : value,
    ]),
  });
  switch (part) {
    case 'method':
      return [{ ...request, method: changed(request.method, at, by) }, own];
    case 'path':
      return [{ ...request, path: `/${changed(request.path.slice(1), at, by)}` }, own];
    case 'body':
      return [{ ...request, body: changed(String(request.body), at, by) }, own];
    case 'secret':
      return [request, { ...own, secretAccessKey: changed(own.secretAccessKey, at, by) }];
    case 'key':
      return [
        authorized((text) => text.replace(own.accessKeyId, changed(own.accessKeyId, at, by))),
        own,
      ];
    case 'signature': {
      const edit = (text: string): string => {
        const head = text.slice(0, -64);
        return head + changed(text.slice(-64), at, by);
      };
      return [authorized(edit), own];
    }
    case 'header': {
      const names = request.headers.filter(([name, value]) => name !== 'authorization' && value);
      const [target] = names[at % names.length] ?? [];
      const edited = request.headers.map(
        ([name, value]) => [name, name === target ? changed(value, at, by) : value] as const,
      );
      return [{ ...request, headers: edited }, own];
    }
  }
};

test('no byte of method, path, signed header, body, key or signature can be another', async () => {
  const full = fc.record({
    method: fc.constantFrom('POST', 'PUT'),
    path: fc
      .array(fc.stringMatching(/^[A-Za-z0-9]{1,9}$/), { minLength: 1, maxLength: 4 })
      .map((segments) => `/${segments.join('/')}`),
    query: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.stringMatching(/^[a-z:/]{1,6}$/)),
    headers: fc.record({
      'content-type': fc.constant('application/json'),
      'x-amz-meta': fc.stringMatching(/^[a-z0-9 ]{3,20}$/).filter((text) => text.trim() === text),
    }),
    body: fc.json().filter((text) => text.length > 0),
  });
  const change = fc.record({ part: fc.constantFrom(...PARTS), at: fc.nat(), by: fc.nat() });
  await fc.assert(
    fc.asyncProperty(full, keys, change, async (request, own, what) => {
      const sent = await signed(request, own);
      expect(verdictOf(sent, own)).toBe('verified');
      expect(verdictOf(...tampered(sent, own, what))).not.toBe('verified');
    }),
    { numRuns: 300 },
  );
});

const without = (request: SignedRequest, ...names: readonly string[]): SignedRequest => ({
  ...request,
  headers: request.headers.filter(([name]) => !names.includes(name)),
});
const withHeader = (request: SignedRequest, name: string, value: string): SignedRequest => ({
  ...request,
  headers: [...request.headers.filter(([key]) => key !== name), [name, value]],
});
const edited = (request: SignedRequest, from: string | RegExp, to: string): SignedRequest => ({
  ...request,
  headers: request.headers.map(([name, value]) => [
    name,
    name === 'authorization' ? value.replace(from, to) : value,
  ]),
});

test.each<[string, (request: SignedRequest) => SignedRequest, string]>([
  [
    'no signature',
    (sent) => without(sent, 'authorization'),
    'missing 403 MissingAuthenticationTokenException',
  ],
  [
    'a bearer token',
    (sent) => withHeader(sent, 'authorization', 'Bearer a'),
    'missing 403 MissingAuthenticationTokenException',
  ],
  ['no date', (sent) => without(sent, 'x-amz-date'), 'malformed 400 IncompleteSignatureException'],
  [
    'a date that is none',
    (sent) => withHeader(sent, 'x-amz-date', '20260230T150000Z'),
    'malformed 400 IncompleteSignatureException',
  ],
  [
    'no list of headers',
    (sent) => edited(sent, /SignedHeaders=[^,]*, /, ''),
    'malformed 400 IncompleteSignatureException',
  ],
  [
    'a short signature',
    (sent) => edited(sent, /.$/, ''),
    'malformed 400 IncompleteSignatureException',
  ],
  [
    'a scope of four parts',
    (sent) => edited(sent, '/aws4_request', ''),
    'malformed 400 IncompleteSignatureException',
  ],
  [
    'headers out of order',
    (sent) => edited(sent, 'content-type;host', 'host;content-type'),
    'malformed 400 IncompleteSignatureException',
  ],
  [
    'two dates',
    (sent) => ({ ...sent, headers: [...sent.headers, ['x-amz-date', '20260302T150000Z']] }),
    'malformed 400 IncompleteSignatureException',
  ],
  [
    'two session tokens',
    (sent) => ({ ...sent, headers: [...sent.headers, ['x-amz-security-token', 'a']] }),
    'malformed 400 IncompleteSignatureException',
  ],
  [
    'another region',
    (sent) => edited(sent, 'us-east-1', 'eu-west-1'),
    'scope 403 InvalidSignatureException',
  ],
  [
    'another service',
    (sent) => edited(sent, '/bedrock/', '/dynamodb/'),
    'scope 403 InvalidSignatureException',
  ],
  [
    'another day',
    (sent) => edited(sent, '20260302', '20260301'),
    'scope 403 InvalidSignatureException',
  ],
  [
    'a session token taken away',
    (sent) => without(sent, 'x-amz-security-token'),
    'differs 403 InvalidSignatureException',
  ],
  [
    'a session token that is not signed',
    (sent) => edited(sent, ';x-amz-security-token', ''),
    'differs 403 InvalidSignatureException',
  ],
  [
    'a host that is not signed',
    (sent) => edited(sent, 'host;', ''),
    'differs 403 InvalidSignatureException',
  ],
  [
    'a header of AWS added',
    (sent) => withHeader(sent, 'x-amz-target', 'a'),
    'differs 403 InvalidSignatureException',
  ],
  [
    "another's session token",
    (sent) => withHeader(sent, 'x-amz-security-token', 'other'),
    'unknown key 403 UnrecognizedClientException',
  ],
  [
    'a key never issued',
    (sent) => edited(sent, 'ASIA0', 'ASIA1'),
    'unknown key 403 UnrecognizedClientException',
  ],
  [
    'a payload said to be unsigned',
    (sent) => withHeader(sent, 'x-amz-content-sha256', 'UNSIGNED-PAYLOAD'),
    'differs 403 InvalidSignatureException',
  ],
])('%s is refused in the words of AWS', async (_, change, refusal) => {
  const verdict = verifySignature(change(await signed(CONVERSE, KEYS)), termsFor(KEYS));
  if (verdict.kind !== 'refused') throw new Error('verified');
  expect(`${verdict.why} ${verdict.status} ${verdict.code}`).toBe(refusal);
  expect(verdict.message).not.toBe('');
  expect(JSON.stringify(verdict)).not.toContain(KEYS.secretAccessKey);
});

test('a header that nobody signs may change on the way, as proxies do', async () => {
  const sent = await signed(CONVERSE, KEYS);
  expect(verdictOf(withHeader(sent, 'user-agent', 'other'))).toBe('verified');
  expect(verdictOf(withHeader(sent, 'x-forwarded-for', '::1'))).toBe('verified');
});

test('a signature holds for five minutes either way, and not a microsecond longer', async () => {
  const sent = await signed(CONVERSE, KEYS);
  expect(verdictOf(sent, KEYS, SIGNED_US + SIGNATURE_SKEW_US)).toBe('verified');
  expect(verdictOf(sent, KEYS, SIGNED_US - SIGNATURE_SKEW_US)).toBe('verified');
  expect(verdictOf(sent, KEYS, SIGNED_US - SIGNATURE_SKEW_US - 1)).toBe('skewed');
  expect(verifySignature(sent, termsFor(KEYS, SIGNED_US + SIGNATURE_SKEW_US + 1))).toEqual({
    kind: 'refused',
    why: 'skewed',
    status: 403,
    code: 'InvalidSignatureException',
    message:
      'Signature expired: 20260302T150000Z is now earlier than 20260302T150000Z (20260302T150500Z - 5 min.)',
  });
});

test('a body is compared by its bytes, so that what is no UTF-8 is signed as it was sent', async () => {
  const body = new Uint8Array([0xff, 0xfe, 0x00, 0x80]);
  const sent = await signed({ ...CONVERSE, body }, KEYS);
  expect(verdictOf(sent)).toBe('verified');
  expect(verdictOf({ ...sent, body: Buffer.from(body).toString('utf8') })).toBe('differs');
});
