// How may a target be written: its keys with their ranges and defaults, as one zod schema.

import { z } from 'zod';
import { HOUR_US, MINUTE_US, SECOND_US } from '../../kernel/clock.ts';
import { duration, id, name, number, prose, text, whole, zone } from '../../scenario/forms.ts';
import { expecting } from '../../scenario/wording.ts';
import { QUOTA, RATE_LIMIT } from '../../scenario.ts';
import { POINTER } from '../pointer.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** Above the 29 s after which an API Gateway gives up; assumed. */
const TIMEOUT = '35s';

const AN_URL = 'an http or https URL without user, query or fragment';
// What is no URL may hold a password, so it is not shown.
const url = () =>
  z
    .string({ error: `expected ${AN_URL}` })
    .refine(isPlainUrl, { error: `expected ${AN_URL}` })
    .describe(AN_URL);

const isPlainUrl = (given: string): boolean => {
  if (!URL.canParse(given)) return false;
  const { protocol, username, password, search, hash } = new URL(given);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '';
};

const A_VARIABLE = 'the name of an environment variable, such as `CLINIC_A_PASSWORD`';
/** What stands in its place may be the secret itself, so it is not shown. */
const variable = () =>
  z
    .string({ error: `expected ${A_VARIABLE}` })
    .regex(/^[A-Z_][A-Z0-9_]{0,127}$/, {
      error: `expected ${A_VARIABLE}\nsecrets come from the environment only`,
    })
    .describe(A_VARIABLE);

const pointer = () => text(POINTER, 'a JSON pointer such as `/output/0/text`, or an empty text');
const path = () =>
  text(/^\/[\x21-\x7e]{0,2047}$/, 'a path that begins with `/`, escaped as in URLs');

const HEADERS = z
  .record(
    text(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'the name of a header'),
    text(/^[\x20-\x7e]{1,4096}$/, 'a text of printable ASCII in one line'),
  )
  .default(() => ({}));

const BODY = z
  .union([z.record(z.string(), z.unknown()), z.string()], {
    error: expecting('a mapping or a text'),
  })
  .optional();

const call = (method: (typeof METHODS)[number]) => ({
  method: z.enum(METHODS).default(method),
  path: path(),
  headers: HEADERS,
  body: BODY,
});

const life = () => duration(MINUTE_US, 24 * HOUR_US).prefault('1h');

const SIGN_IN_CALL = {
  url: url().optional(),
  ...call('POST'),
  token: pointer(),
  life: life(),
};

const SIGN_IN = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cognito'),
    url: url().optional(),
    clientId: text(/^[\w+]{1,128}$/, 'a client id of a user pool'),
    use: z.enum(['IdToken', 'AccessToken']).default('IdToken'),
  }),
  z.strictObject({ kind: z.literal('form'), ...SIGN_IN_CALL }),
  z.strictObject({ kind: z.literal('json'), ...SIGN_IN_CALL }),
  z.strictObject({ kind: z.literal('static'), life: life() }),
]);

const USER = z.strictObject({
  name: id(),
  login: prose(256).optional(),
  role: name().default('user'),
  secret: variable().optional(),
});

const TENANT = z.strictObject({
  id: id(),
  tier: name(),
  zone: zone().default('UTC'),
  weight: number(0.001, 1000).default(1),
  secret: variable().optional(),
  users: z.array(USER).min(1),
});

const READERS = z.enum(['user', 'tenant']);

const CANARY = z.strictObject({
  kind: z.enum(['document', 'record', 'memory']).default('document'),
  readers: READERS.default('tenant'),
  plant: z.strictObject({ ...call('POST'), id: pointer().optional() }),
  clean: z.strictObject(call('DELETE')),
});

const REFUSED = z.strictObject({
  statuses: z
    .array(whole(400, 599))
    .min(1)
    .default(() => [429]),
  retryAfter: text(/^[A-Za-z0-9-]{1,128}$/, 'the name of a header').default('retry-after'),
  by: z
    .strictObject({ text: pointer(), rate: prose(200).optional(), quota: prose(200).optional() })
    .optional(),
});

export const DOCUMENT = z.strictObject({
  version: z.literal(1),
  name: name(),
  url: url(),
  signIn: SIGN_IN,
  readers: READERS.default('user'),
  tenants: z.array(TENANT).min(1).max(10_000),
  ask: z.strictObject({
    ...call('POST'),
    timeout: duration(1000, 5 * MINUTE_US).prefault(TIMEOUT),
  }),
  answer: z.strictObject({
    text: pointer(),
    sse: z.literal('data').optional(),
    usage: z
      .strictObject({ inputTokens: pointer().optional(), outputTokens: pointer().optional() })
      .optional(),
  }),
  refused: REFUSED.prefault(() => ({})),
  limits: z
    .record(name(), z.strictObject({ rate: RATE_LIMIT.optional(), quota: QUOTA.optional() }))
    .default(() => ({})),
  tolerance: duration(0, 10 * SECOND_US).prefault('0s'),
  canary: CANARY.optional(),
  traces: z
    .strictObject({ port: whole(1024, 65_535), tenant: prose(128).default('tenant.id') })
    .optional(),
});

export type TargetDocument = z.output<typeof DOCUMENT>;

/** The JSON Schema (draft 7, which editors know best) of a target as it is written. */
export const targetJsonSchema = (): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(DOCUMENT, { io: 'input', target: 'draft-7' });
