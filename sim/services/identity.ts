// Who may sign in, and what does their token say: Amazon Cognito with a pre-token step.

import { actorOf } from '../domain/caller.ts';
import type { Directory, TenantRecord, UserRecord } from '../domain/directory.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import type { Hop, KeyRing } from '../domain/ports.ts';
import { header, isRecord, json, parsed, type Reply } from '../domain/wire.ts';
import { DAY_US, MINUTE_US, SECOND_US } from '../kernel/clock.ts';
import type { BearerTerms } from '../protocol/bearer.ts';
import { works } from '../protocol/latency.ts';
import { type SigningKey, signingKey, signJwt } from '../protocol/signing.ts';
import type { TracedService } from '../protocol/tracing.ts';

/** Life of an ID token. Source: the published sample's user pool client, 60 minutes. */
export const BEARER_LIFE_US = 60 * MINUTE_US;
/** Life of a refresh token. Source: the same, 30 days. */
const REFRESH_LIFE_US = 30 * DAY_US;

export const IDENTITY_LATENCY: Latency = { medianUs: 60_000, ratioP95: 1.8, perItemUs: 0 };

export const IDENTITY_RULES: readonly Rule[] = [
  {
    service: 'identity',
    rule: 'ID tokens are RS256 with sub, aud, iss, token_use, cognito:username, custom:* as strings',
    source: 'Amazon Cognito developer guide',
    standing: 'documented',
  },
  {
    service: 'identity',
    rule: 'an ID token lives 60 minutes, a refresh token 30 days',
    source: 'the published sample, cognito_multitenant.yaml',
    standing: 'documented',
  },
  {
    service: 'identity',
    rule: 'a pre-token step adds plain claims tenant, tier, role, actor and zone',
    source: 'Cognito pre-token-generation trigger',
    standing: 'documented',
  },
  {
    service: 'identity',
    rule: 'signing in takes 60 ms at the median',
    source: 'assumed',
    standing: 'assumed',
  },
];

/** The user pool: signs users in, refreshes, publishes its keys; sign-up is closed. */
export class UserPool {
  readonly #directory: Directory;
  readonly #terms: BearerTerms;
  readonly #refreshes = new Map<
    string,
    { readonly username: string; readonly expiresUs: number }
  >();
  readonly #keys: KeyRing;

  /** A rotated key leaves the key set at once. */
  constructor(directory: Directory, terms: BearerTerms, keys: KeyRing) {
    this.#directory = directory;
    this.#terms = terms;
    this.#keys = keys;
  }

  readonly handle: TracedService = async (call, hop) => {
    await works(hop, IDENTITY_LATENCY);
    if (call.path === '/.well-known/jwks.json') return json(200, { keys: [this.#key().jwk] });
    const action = header(call.headers, 'x-amz-target')?.split('.')[1];
    const body = parsed(call.body);
    if (action === 'SignUp')
      return failure('NotAuthorizedException', 'SignUp is not permitted for this user pool');
    if (action !== 'InitiateAuth' || body === undefined)
      return failure('InvalidParameterException', 'unknown operation');
    return this.#signIn(body, hop);
  };

  #signIn(body: Readonly<Record<string, unknown>>, hop: Hop): Reply {
    const parameters = isRecord(body['AuthParameters']) ? body['AuthParameters'] : {};
    const username = this.#username(body['AuthFlow'], parameters, hop.nowUs());
    const user = username === undefined ? undefined : this.#directory.users.get(username);
    const tenant = user === undefined ? undefined : this.#directory.tenants.get(user.tenant);
    if (
      body['ClientId'] !== this.#terms.clientId ||
      user === undefined ||
      tenant === undefined ||
      !user.enabled
    ) {
      return failure('NotAuthorizedException', 'Incorrect username or password.');
    }
    const claims = this.#claims(user, tenant, hop);
    if (claims === undefined) return failure('InvalidParameterException', 'identifier too long');
    const refresh = `r-${hop.chance('refresh').hex(40)}`;
    this.#refreshes.set(refresh, {
      username: user.username,
      expiresUs: hop.nowUs() + REFRESH_LIFE_US,
    });
    return json(200, {
      AuthenticationResult: {
        IdToken: signJwt(this.#key(), claims),
        RefreshToken: refresh,
        ExpiresIn: BEARER_LIFE_US / SECOND_US,
        TokenType: 'Bearer',
      },
    });
  }

  #username(
    flow: unknown,
    parameters: Readonly<Record<string, unknown>>,
    nowUs: number,
  ): string | undefined {
    if (flow === 'REFRESH_TOKEN_AUTH') {
      const refresh = this.#refreshes.get(String(parameters['REFRESH_TOKEN']));
      this.#refreshes.delete(String(parameters['REFRESH_TOKEN']));
      return refresh !== undefined && nowUs < refresh.expiresUs ? refresh.username : undefined;
    }
    if (flow !== 'USER_PASSWORD_AUTH') return undefined;
    const user = this.#directory.users.get(String(parameters['USERNAME']));
    return user?.password === parameters['PASSWORD'] ? user?.username : undefined;
  }

  #claims(
    user: UserRecord,
    tenant: TenantRecord,
    hop: Hop,
  ): Readonly<Record<string, unknown>> | undefined {
    const actor = actorOf(tenant.id, user.sub, user.role);
    if (actor === undefined) return undefined;
    const issued = Math.floor(hop.nowUs() / SECOND_US);
    return {
      sub: user.sub,
      aud: this.#terms.clientId,
      iss: `https://cognito-idp.${this.#terms.userPoolId.split('_')[0]}.amazonaws.com/${this.#terms.userPoolId}`,
      token_use: 'id',
      'cognito:username': user.sub,
      email: user.username,
      auth_time: issued,
      iat: issued,
      exp: issued + BEARER_LIFE_US / SECOND_US,
      jti: hop.chance('jti').hex(32),
      'custom:tier': tenant.tier,
      'custom:clinic_id': tenant.id,
      'custom:role': user.role,
      tenant: tenant.id,
      tier: tenant.tier,
      role: user.role,
      actor,
      zone: tenant.zone,
    };
  }

  #key(): SigningKey {
    return signingKey(this.#keys.current());
  }
}

const failure = (type: string, message: string): Reply =>
  json(400, { __type: type, message }, [['x-amzn-errortype', type]]);
