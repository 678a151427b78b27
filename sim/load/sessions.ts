// How do users of a target sign in, and what stands for their tokens where the harness writes things down?

import type { Principal } from '../domain/principal.ts';
import { isRecord, json, parsed, type Reply } from '../domain/wire.ts';
import { SECOND_US } from '../kernel/clock.ts';
import type { Exchanged } from './exchange.ts';
import { valueAt } from './pointer.ts';
import type { Secrets } from './secrets.ts';
import type { CallForm, SignIn, Target, TargetUser } from './target.ts';
import { callOf, type Values } from './template.ts';

/** A user of the target, and the principal that stands for it in the harness. */
export interface Seat {
  readonly tenant: string;
  readonly tier: string;
  readonly user: TargetUser;
}

/** What a user presents, or why it has nothing. */
export type Presented =
  | { readonly kind: 'signed-in'; readonly bearer: string; readonly lifeUs: number }
  | { readonly kind: 'refused'; readonly status: number; readonly why: string };

/** By what a principal's name is known in the harness: `tenant:life/user`. */
export const seatsOf = (target: Target): ReadonlyMap<string, Seat> =>
  new Map(
    target.tenants.flatMap(({ id, tier, users }) =>
      users.map((user): [string, Seat] => [`${id}:1/${user.name}`, { tenant: id, tier, user }]),
    ),
  );

/** What placeholders stand for in every call of a user. */
export const valuesOf = (
  { tenant, tier, user }: Seat,
  secrets: ReadonlyMap<string, string>,
): Values => ({
  ...Object.fromEntries([...secrets].map(([name, value]) => [`env.${name}`, value])),
  ...{ tenant, tier, user: user.login },
});

/** The call that signs a user in, to which base; none where a secret is presented as it is. */
export const signInCall = (
  { url, signIn }: Target,
  seat: Seat,
  secrets: ReadonlyMap<string, string>,
) => {
  if (signIn.kind === 'static') return undefined;
  const secret = secrets.get(seat.user.secret) ?? '';
  const values = { ...valuesOf(seat, secrets), secret };
  return {
    base: (signIn.url ?? url).replace(/\/+$/, ''),
    call:
      signIn.kind === 'cognito'
        ? callOf(cognito(signIn.clientId), values)
        : callOf(signIn.call, values, signIn.kind),
  };
};

/** Source: Amazon Cognito user pools API, InitiateAuth. */
const cognito = (clientId: string): CallForm => ({
  method: 'POST',
  path: '/',
  headers: {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
  },
  body: {
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: '{{user}}', PASSWORD: '{{secret}}' },
    ClientId: clientId,
  },
});

/** What the answer to that call gives. */
export const presentedBy = (signIn: SignIn, answered: Exchanged): Presented => {
  if (answered.kind === 'failed') return { kind: 'refused', status: 503, why: answered.why };
  const { status, body } = answered;
  if (status < 200 || status > 299)
    return { kind: 'refused', status, why: `status ${status} to the sign-in` };
  const refused = (why: string): Presented => ({ kind: 'refused', status: 502, why });
  const document = parsed(body);
  if (document === undefined) return refused('no JSON object in answer to the sign-in');
  if (signIn.kind === 'cognito') {
    const result = document['AuthenticationResult'];
    const given = isRecord(result) ? result : {};
    const seconds = given['ExpiresIn'];
    return presentable(
      given[signIn.use],
      typeof seconds === 'number' ? seconds * SECOND_US : HOUR,
      `no ${signIn.use} in answer to the sign-in`,
    );
  }
  const lifeUs = signIn.lifeUs;
  const pointer = signIn.kind === 'static' ? '' : signIn.at;
  return presentable(
    valueAt(document, pointer),
    lifeUs,
    `no text at \`${pointer}\` in answer to the sign-in`,
  );
};

/** Source: Cognito's default life of an ID token, 60 minutes. */
const HOUR = 3600 * SECOND_US;

const presentable = (bearer: unknown, lifeUs: number, why: string): Presented =>
  // It goes into a header: no break, and nothing that is no ASCII.
  typeof bearer === 'string' && /^[\x21-\x7e]+$/.test(bearer)
    ? { kind: 'signed-in', bearer, lifeUs }
    : { kind: 'refused', status: 502, why };

/**
 * What stands for the tokens of users wherever the harness keeps things, so that no token of the
 * target ever enters a history. It has the form of a JWT without a signature.
 */
export class StandIns {
  readonly #secrets: Secrets;
  readonly #bearers = new Map<string, string>();
  readonly #byOwner = new Map<string, string>();
  #issued = 0;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** The answer of an identity service that issued the token's stand-in. */
  issue(principal: Principal, bearer: string, expiresUs: number): Reply {
    this.#issued += 1;
    const owner = principal.membership;
    const claims = {
      ...{ sub: principal.user, tenant: principal.tenant.id, n: this.#issued },
      exp: Math.floor(expiresUs / SECOND_US),
    };
    const IdToken = standInText(claims);
    this.#secrets.note(bearer, owner);
    this.#bearers.set(IdToken, bearer);
    this.#byOwner.set(owner, IdToken);
    return json(200, { AuthenticationResult: { IdToken } });
  }

  /** The token that a stand-in stands for. */
  bearer(standIn: string): string | undefined {
    return this.#bearers.get(standIn);
  }

  /** The text with stand-ins for all secrets: a check then sees that there was one. */
  written(text: string): string {
    return this.#secrets.replaced(
      text,
      (owner) => this.#byOwner.get(owner) ?? standInText({ sub: owner }),
    );
  }
}

const standInText = (claims: Readonly<Record<string, unknown>>): string =>
  `${encoded({ alg: 'none' })}.${encoded(claims)}.standin`;

const encoded = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');
