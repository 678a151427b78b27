// How does a platform run on the wall clock: stood up with its people under every check, open to calls.

import type { Asked, HistoryEvent, Observer, RequestFacts } from '../domain/history.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { OnChunk, Peer, Service, ServiceName } from '../domain/ports.ts';
import type { Principal } from '../domain/principal.ts';
import { type Call, header, isRecord, parsed, type Reply } from '../domain/wire.ts';
import type { Clock } from '../kernel/clock.ts';
import { HOUR_US } from '../kernel/clock.ts';
import { Samples } from '../measures.ts';
import { announce, apply, openAll } from './changes.ts';
import { type Client, issued, Sender } from './clients.ts';
import { passwordOf, tenantPlans } from './population.ts';
import { type Folded, foldsOf, policiesOf, type RunInputs } from './run.ts';
import { type Standing, standUp } from './stand-up.ts';
import { Counter, type Wire } from './world.ts';

type Services = Readonly<Partial<Record<ServiceName, Service>>>;

/** What a live platform takes from the machine. */
export interface LiveSurroundings {
  readonly clock: Clock;
  readonly wire: Wire;
  /** Milliseconds of real time. */
  readonly wallMs: () => number;
  readonly spanProcessors?: readonly object[];
  readonly observers?: readonly Observer[];
  readonly cacheEntries?: number;
  /** What stands before services for callers who stand where the agent stands, in their place. */
  readonly inside?: (standing: Standing) => Services;
}

/** What a driver that the harness trusts says of a call that it sends. */
export interface Told {
  readonly number: number;
  readonly kind: RequestFacts['kind'];
  readonly origin: string;
  /** Whose connection it is; left out for a stranger. */
  readonly membership?: string;
  readonly plannedUs: number;
  readonly session?: string;
  readonly asks?: Asked;
  /** The network identity under which it comes; left out, that of the door. */
  readonly peer?: Peer;
  /** True: the token that it carries is the owner's own, from an identity service of the harness. */
  readonly vouched?: boolean;
}

/** What one process of the harness tells another of a request. */
export const toldOf = (request: RequestFacts): Told => {
  const { number, kind, origin, principal, plannedUs, session, asks } = request;
  return {
    ...{ number, kind, origin, plannedUs },
    ...(principal === undefined ? {} : { membership: principal.membership }),
    ...(session === undefined ? {} : { session }),
    ...(asks === undefined ? {} : { asks }),
  };
};

/** Numbers of requests that nobody told of: far from those of a driver, so that none meet. */
const STRANGERS_FROM = 1_000_000_000;
/** Ledger entries are let go of this long after they expired. */
const REMEMBERED_US = HOUR_US;

/** A platform that stands and is open. */
export class Live {
  readonly standing: Standing;
  /** Sends what comes from inside. */
  readonly #inside: Sender;
  readonly #folds: ReturnType<typeof foldsOf>;
  readonly #wallMs: () => number;
  readonly #beganMs: number;
  #people: ReadonlyMap<string, Client>;
  #strangers = STRANGERS_FROM;
  #open = 0;
  /** Questions alone: what a report calls requests. */
  #asked = 0;
  #forgetUs: number;

  private constructor(
    standing: Standing,
    folds: ReturnType<typeof foldsOf>,
    from: { readonly seed: number; readonly wallMs: () => number; readonly inside: Services },
  ) {
    const { wallMs } = from;
    const { world, ledger, deployment } = standing;
    this.standing = standing;
    const { platform } = world;
    const services = { ...platform.services, ...from.inside };
    this.#inside = new Sender({ ...world, platform: { ...platform, services } }, ledger, {
      seed: from.seed,
      numbers: new Counter(),
      clientId: deployment.clientId,
    });
    this.#folds = folds;
    this.#wallMs = wallMs;
    this.#beganMs = wallMs();
    this.#people = peopleOf(standing);
    this.#forgetUs = standing.world.clock.nowUs() + REMEMBERED_US;
  }

  /**
   * Stands the platform of a scenario up and opens its tenants; its traffic is left to those who
   * call. Changes and faults come at their instants after now.
   */
  static async open(inputs: RunInputs, around: LiveSurroundings): Promise<Live> {
    const { scenario, seed } = inputs;
    const policyTimesUs = new Samples();
    const owners = new Owners();
    let folds: ReturnType<typeof foldsOf> | undefined;
    const standing = standUp(
      {
        ...{ scenario: { ...scenario, traffic: [] }, seed, platform: inputs.platform },
        policies: policiesOf(inputs, around, policyTimesUs),
        iamDocuments: inputs.iamDocuments,
        spanProcessors: around.spanProcessors ?? [],
        observers: (ledger, deployment) => {
          owners.ledger = ledger;
          folds = foldsOf(inputs, policyTimesUs, ledger, deployment);
          return [owners, folds.checks, folds.measures, ...(around.observers ?? [])];
        },
      },
      around.clock,
      around.wire,
    );
    const { stage } = standing;
    await openAll(stage, tenantPlans(scenario), scenario.startUs);
    for (const fault of scenario.faults) announce(stage, fault);
    for (const [number, change] of scenario.changes.entries())
      around.clock.at(change.atUs, () => void apply(stage, change, number));
    if (folds === undefined) throw new Error('a platform stands without its checks');
    const inside = around.inside?.(standing) ?? {};
    return new Live(standing, folds, { seed, wallMs: around.wallMs, inside });
  }

  /** Requests begun and not ended. */
  get open(): number {
    return this.#open;
  }

  /** Everyone who may sign in, in the order in which they moved in. */
  get clients(): readonly Client[] {
    return [...this.standing.stage.homes.values()].flatMap(({ clients }) => clients);
  }

  get sender(): Sender {
    return this.standing.stage.sender;
  }

  /**
   * Takes in a call that came from outside the platform. Whose it is, the ledger says of the
   * token or credentials that came with it, or else a driver that is trusted (`told`).
   */
  async receive(
    peer: Peer,
    to: ServiceName,
    call: Call,
    by: { readonly told?: Told | undefined; readonly heard?: OnChunk } = {},
  ): Promise<Reply> {
    this.#forgetNowAndThen();
    const request = by.told === undefined ? this.#stranger(to, call) : this.#known(by.told, call);
    const client = this.#clientOf(request.principal?.membership);
    if (client !== undefined) client.journeys += 1;
    // A service that stands elsewhere calls the platform's own, as it would here.
    const isClient = peer === 'runtime' && by.told?.peer === undefined;
    const sender = isClient ? this.#inside : this.sender;
    const journey = sender.journeyOf(client, request);
    this.#open += 1;
    if (request.kind === 'ask') this.#asked += 1;
    try {
      return await sender.send(journey, peer, to, call, by.heard);
    } finally {
      this.#open -= 1;
    }
  }

  /** What all checks and measures came to. Concludes once. */
  conclude(): Folded {
    const { world } = this.standing;
    return {
      played: {
        platform: world.platform,
        events: world.history.length,
        ticks: 0,
        partial: false,
        stalled: this.#open,
        planned: this.#asked,
      },
      digest: '',
      checkpoints: [],
      verdicts: this.#folds.checks.conclude(),
      measured: this.#folds.measures.conclude(true),
      wallMs: this.#wallMs() - this.#beganMs,
    };
  }

  #stranger(to: ServiceName, call: Call): RequestFacts {
    const { ledger, world } = this.standing;
    const bearer = ledger.bearer(bearerIn(call));
    const held = ledger.credentials(header(call.headers, 'x-amz-security-token') ?? '');
    const principal = bearer?.owner ?? held?.owner ?? this.#signingIn(to, call);
    this.#strangers += 1;
    return {
      number: this.#strangers,
      kind: to === 'front-door' ? 'ask' : to === 'identity' ? 'sign-in' : 'probe',
      origin: 'client',
      principal,
      writes: this.#labelOf(principal),
      plannedUs: world.clock.nowUs(),
      bearer,
    };
  }

  #known(told: Told, call: Call): RequestFacts {
    const { membership, peer: _door, vouched, ...facts } = told;
    const { ledger, world } = this.standing;
    const principal = this.#clientOf(membership)?.principal;
    const text = bearerIn(call);
    const bearer =
      ledger.bearer(text) ??
      (vouched === true && principal !== undefined
        ? issued(ledger, principal, text, world.clock.nowUs())
        : undefined);
    return { ...facts, principal, writes: this.#labelOf(principal), bearer };
  }

  /** Who knows a user's password is the user. */
  #signingIn(to: ServiceName, call: Call): Principal | undefined {
    if (to !== 'identity') return undefined;
    const given = parsed(call.body)?.['AuthParameters'];
    const { USERNAME, PASSWORD } = isRecord(given) ? given : {};
    const client = this.clients.find(({ principal }) => principal.username === USERNAME);
    return client !== undefined && passwordOf(client.principal) === PASSWORD
      ? client.principal
      : undefined;
  }

  /** A user who moved in since is found, too. */
  #clientOf(membership: string | undefined): Client | undefined {
    if (membership === undefined) return undefined;
    if (!this.#people.has(membership)) this.#people = peopleOf(this.standing);
    return this.#people.get(membership);
  }

  #labelOf(principal: Principal | undefined): number {
    const client = this.#clientOf(principal?.membership);
    return client === undefined ? 0 : this.sender.labelOf(client);
  }

  #forgetNowAndThen(): void {
    const { ledger, world } = this.standing;
    const nowUs = world.clock.nowUs();
    if (nowUs < this.#forgetUs) return;
    this.#forgetUs = nowUs + REMEMBERED_US;
    ledger.forget(nowUs - REMEMBERED_US);
  }
}

/** All users by membership. Labels are given in this order, so that two processes agree on them. */
const peopleOf = ({ stage }: Standing): ReadonlyMap<string, Client> => {
  const people = new Map<string, Client>();
  for (const { clients } of stage.homes.values())
    for (const client of clients) {
      stage.sender.labelOf(client);
      people.set(client.principal.membership, client);
    }
  return people;
};

const bearerIn = (call: Call): string =>
  (header(call.headers, 'authorization') ?? '').replace(/^Bearer /, '');

/** Enters tokens into the ledger as they leave the identity service, for whoever signed in. */
class Owners implements Observer {
  ledger: Ledger | undefined;

  see(event: HistoryEvent): void {
    if (event.kind !== 'exchange' || event.to !== 'identity' || event.reply.status !== 200) return;
    const result = parsed(event.reply.body)?.['AuthenticationResult'];
    const { IdToken } = isRecord(result) ? result : {};
    const owner = event.request?.principal;
    if (typeof IdToken !== 'string' || owner === undefined || this.ledger === undefined) return;
    issued(this.ledger, owner, IdToken, event.atUs);
  }
}
