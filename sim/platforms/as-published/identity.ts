// Who may sign up, and what does their token say: the sample's user pool, open to strangers.

import type { Directory, TenantRecord } from '../../domain/directory.ts';
import type { Rule } from '../../domain/fidelity.ts';
import type { Hop, KeyRing } from '../../domain/ports.ts';
import { type Call, header, isRecord, json, parsed, type Reply } from '../../domain/wire.ts';
import { claimsOf } from '../../protocol/bearer.ts';
import { signingKey, signJwt } from '../../protocol/signing.ts';
import type { TracedService } from '../../protocol/tracing.ts';
import { contextOfClaims, joinedActor } from './tenant-context.ts';
import type { AsPublishedTerms } from './terms.ts';

export const OPEN_POOL_RULES: readonly Rule[] = [
  {
    service: 'identity',
    rule: 'whoever wants signs up, and gets ID tokens of the same audience as all others',
    source: 'sample, cognito_multitenant.yaml, AdminCreateUserConfig not set (W06)',
    standing: 'documented',
  },
  {
    service: 'identity',
    rule: 'who signs up chooses custom:tier, custom:clinic_id and custom:role (parameter `claimsWritable`)',
    source: 'Cognito console and CDK defaults for a client without WriteAttributes (W07)',
    standing: 'observed',
  },
  {
    service: 'identity',
    rule: 'a user who signed up is confirmed at once; the code by mail, which a stranger gets, is left out',
    source: 'assumed',
    standing: 'assumed',
  },
  {
    service: 'identity',
    rule: 'custom:* are the claims that the platform reads; plain tenant, tier and actor are there for the harness alone',
    source: 'assumed',
    standing: 'assumed',
  },
];

type Claims = Readonly<Record<string, unknown>>;

/** Under this record stand the users who signed up; no operator opened it, and no claim names it. */
const STRANGERS: TenantRecord = { id: 'strangers', tier: '', zone: 'UTC', status: 'active' };

/** The pool as the sample sets it up, over the mechanics of `pool`. */
export const openPool = (
  pool: TracedService,
  directory: Directory,
  keys: KeyRing,
  terms: AsPublishedTerms,
): TracedService => {
  const strangers = new Map<string, Claims>();
  directory.tenants.set(STRANGERS.id, STRANGERS);
  return async (call, hop, trace) => {
    const reply = await pool(call, hop, trace);
    const action = header(call.headers, 'x-amz-target')?.split('.')[1];
    if (action === 'SignUp') return signUp(call, hop, directory, strangers);
    const result = reply.status === 200 ? parsed(reply.body)?.['AuthenticationResult'] : undefined;
    if (!isRecord(result) || typeof result['IdToken'] !== 'string') return reply;
    const claims = claimsOf(result['IdToken']);
    const chosen = strangers.get(String(claims['email']));
    const said =
      chosen === undefined
        ? published(claims)
        : { ...bare(claims), ...(terms.claimsWritable ? chosen : {}) };
    const IdToken = signJwt(signingKey(keys.current()), said);
    return json(200, { AuthenticationResult: { ...result, IdToken } });
  };
};

const PLAIN = ['tenant', 'tier', 'role', 'actor', 'zone'];

/** The claims without what the operator or the reference's pre-token step put into them. */
const bare = (claims: Claims): Claims =>
  Object.fromEntries(
    Object.entries(claims).filter(([name]) => !PLAIN.includes(name) && !name.startsWith('custom:')),
  );

const published = (claims: Claims): Claims => {
  const custom = Object.entries(claims).filter(([name]) => name.startsWith('custom:'));
  const { tenant, tier } = claims;
  const actor = joinedActor(contextOfClaims(claims));
  return { ...bare(claims), ...Object.fromEntries(custom), tenant, tier, actor };
};

const signUp = (
  call: Call,
  hop: Hop,
  directory: Directory,
  strangers: Map<string, Claims>,
): Reply => {
  const { Username: username, Password: password, UserAttributes: given } = parsed(call.body) ?? {};
  if (typeof username !== 'string' || typeof password !== 'string')
    return failure('InvalidParameterException');
  if (directory.users.has(username)) return failure('UsernameExistsException');
  const sub = uuid(hop.chance('sign-up').hex(32));
  const attributes = Array.isArray(given) ? given.filter(isRecord) : [];
  const custom = attributes
    .map(({ Name, Value }): [string, unknown] => [String(Name), Value])
    .filter(([name]) => name.startsWith('custom:'));
  strangers.set(username, Object.fromEntries(custom));
  directory.users.set(username, {
    sub,
    username,
    password,
    tenant: STRANGERS.id,
    role: '',
    enabled: true,
  });
  return json(200, { UserConfirmed: true, UserSub: sub });
};

const uuid = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  );

const failure = (type: string): Reply =>
  json(400, { __type: type, message: type }, [['x-amzn-errortype', type]]);
