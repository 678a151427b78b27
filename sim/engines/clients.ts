// How do honest users reach the platform: they sign in, keep their bearer token fresh, and ask.

import type { Asked, ProbeFacts, RequestFacts } from '../domain/history.ts';
import type { BearerFacts, Ledger } from '../domain/ledger.ts';
import type { OnChunk, Peer, ServiceName } from '../domain/ports.ts';
import { type Principal, userLabel } from '../domain/principal.ts';
import { type Call, isRecord, parsed, type Reply } from '../domain/wire.ts';
import { Chance } from '../kernel/chance.ts';
import { MINUTE_US, SECOND_US } from '../kernel/clock.ts';
import { claimsOf } from '../protocol/bearer.ts';
import { passwordOf } from './population.ts';
import { callFrom } from './recorder.ts';
import type { Counter, Journey, World } from './world.ts';

/** A bearer token is renewed when less than this is left of it. */
const RENEW_BEFORE_US = MINUTE_US;

/** One user at a client of their own. */
export interface Client {
  readonly principal: Principal;
  bearer: BearerFacts | undefined;
  /** The header that presents the bearer token: one text for all requests is hashed but once. */
  authorization: string;
  /** The label of what the user writes, once it was asked for. */
  label: number | undefined;
  refresh: string | undefined;
  /** A bearer token that has expired, kept for probes. */
  expired: BearerFacts | undefined;
  /** A sign-in under way. */
  signingIn: Promise<void> | undefined;
  /** Journeys begun so far: the key of this user's chance. */
  journeys: number;
  inFlight: number;
  /** The last prompt that was answered, and the role in which it was said. */
  lastAnswered:
    | { readonly serial: number; readonly endedUs: number; readonly role: string | undefined }
    | undefined;
}

export const clientOf = (principal: Principal): Client => ({
  principal,
  bearer: undefined,
  authorization: '',
  label: undefined,
  refresh: undefined,
  expired: undefined,
  signingIn: undefined,
  journeys: 0,
  inFlight: 0,
  lastAnswered: undefined,
});

/** What a journey is for. */
export interface Purpose {
  readonly kind: RequestFacts['kind'];
  readonly origin: string;
  readonly bearer?: BearerFacts | undefined;
  readonly session?: string;
  readonly asks?: Asked;
  readonly probe?: ProbeFacts;
  readonly move?: number;
  /** When it was to be sent; now, unless given. */
  readonly plannedUs?: number;
}

/** Sends requests for principals and notes beginning and end of each in the history. */
export class Sender {
  readonly world: World;
  readonly ledger: Ledger;
  readonly #seed: number;
  readonly #numbers: Counter;
  readonly #clientId: string;
  #open = 0;

  constructor(
    world: World,
    ledger: Ledger,
    from: { readonly seed: number; readonly numbers: Counter; readonly clientId: string },
  ) {
    this.world = world;
    this.ledger = ledger;
    this.#seed = from.seed;
    this.#numbers = from.numbers;
    this.#clientId = from.clientId;
  }

  /** Requests begun and not ended. */
  get open(): number {
    return this.#open;
  }

  /** The label of what a client's user writes. */
  labelOf(client: Client): number {
    client.label ??= this.ledger.label(userLabel(client.principal));
    return client.label;
  }

  /** A new journey of a client (or of nobody), with chance of its own. */
  journey(client: Client | undefined, purpose: Purpose, writes?: number): Journey {
    const principal = client?.principal;
    const number = this.#numbers.next();
    if (client !== undefined) client.journeys += 1;
    const request: RequestFacts = {
      number,
      principal,
      writes: writes ?? (client === undefined ? 0 : this.labelOf(client)),
      plannedUs: this.world.clock.nowUs(),
      ...purpose,
    };
    return this.journeyOf(client, request);
  }

  /** The journey of a request that is known; its chance is keyed by the client's own count. */
  journeyOf(client: Client | undefined, request: RequestFacts): Journey {
    const key =
      client === undefined
        ? ['nobody', request.number]
        : [client.principal.membership, client.journeys];
    return { request, chance: new Chance(this.#seed).fork(...key), calls: new Map() };
  }

  /** Sends one call and records arrival and end. */
  async send(
    journey: Journey,
    peer: Peer,
    to: ServiceName,
    call: Call,
    heard?: OnChunk,
  ): Promise<Reply> {
    const { world } = this;
    const { request } = journey;
    const startedUs = world.clock.nowUs();
    world.history.record({ kind: 'arrived', request });
    this.#open += 1;
    const reply = await callFrom(world, journey, peer, to, call, heard);
    this.#open -= 1;
    world.history.record({
      kind: 'ended',
      request,
      startedUs,
      status: reply.status,
      reply,
      outcome: outcomeOf(reply.status),
    });
    return reply;
  }

  /** A fresh bearer token for the client, or `undefined` when it may not sign in. */
  async bearerFor(client: Client): Promise<BearerFacts | undefined> {
    const nowUs = this.world.clock.nowUs();
    const { bearer } = client;
    if (bearer !== undefined && nowUs < bearer.expiresUs - RENEW_BEFORE_US) return bearer;
    client.signingIn ??= this.#signIn(client).finally(() => {
      client.signingIn = undefined;
    });
    await client.signingIn;
    const { bearer: renewed } = client;
    return renewed !== undefined && this.world.clock.nowUs() < renewed.expiresUs
      ? renewed
      : undefined;
  }

  async #signIn(client: Client): Promise<void> {
    if (client.bearer !== undefined) client.expired = client.bearer;
    const refreshed =
      client.refresh !== undefined &&
      (await this.#authenticate(client, {
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        AuthParameters: { REFRESH_TOKEN: client.refresh },
      }));
    if (refreshed) return;
    const { username } = client.principal;
    const PASSWORD = passwordOf(client.principal);
    await this.#authenticate(client, {
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: username, PASSWORD },
    });
  }

  async #authenticate(
    client: Client,
    parameters: Readonly<Record<string, unknown>>,
  ): Promise<boolean> {
    const journey = this.journey(client, { kind: 'sign-in', origin: 'sign-in' });
    const reply = await this.send(journey, 'internet', 'identity', {
      method: 'POST',
      path: '/',
      headers: [['x-amz-target', 'AWSCognitoIdentityProviderService.InitiateAuth']],
      body: JSON.stringify({ ...parameters, ClientId: this.#clientId }),
    });
    const result = reply.status === 200 ? parsed(reply.body)?.['AuthenticationResult'] : undefined;
    const { IdToken, RefreshToken } = isRecord(result) ? result : {};
    if (typeof IdToken !== 'string') return false;
    client.bearer = issued(this.ledger, client.principal, IdToken, this.world.clock.nowUs());
    client.authorization = `Bearer ${IdToken}`;
    client.refresh = typeof RefreshToken === 'string' ? RefreshToken : undefined;
    return true;
  }
}

/** Puts a token that the identity service issued into the ledger, with the authority it carries. */
export const issued = (
  ledger: Ledger,
  owner: Principal,
  text: string,
  nowUs: number,
): BearerFacts => {
  const { exp, tenant: clinic, sub } = claimsOf(text);
  return ledger.recordBearer({
    text,
    owner,
    standing: 'good',
    tier: owner.tenant.tier,
    tenant: owner.tenant.incarnation,
    role: owner.role,
    clinic: String(clinic),
    sub: String(sub),
    issuedUs: nowUs,
    expiresUs: (typeof exp === 'number' ? exp : 0) * SECOND_US,
  });
};

export const outcomeOf = (status: number): 'completed' | 'refused' | 'failed' =>
  status < 300 ? 'completed' : status < 500 ? 'refused' : 'failed';
