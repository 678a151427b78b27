// Who loads a platform: the people of a scenario, each with their own token, on the wall clock.

import { NoFlow } from '../checks.ts';
import { Recent, type Verdict } from '../domain/finding.ts';
import type { HistoryEvent, Observer, RequestFacts } from '../domain/history.ts';
import { Ledger } from '../domain/ledger.ts';
import { shelves } from '../domain/shelf.ts';
import { type Client, Sender } from '../engines/clients.ts';
import { ServiceFaults } from '../engines/faults.ts';
import { History } from '../engines/history.ts';
import type { Told } from '../engines/live.ts';
import { moveIn, tenantPlans } from '../engines/population.ts';
import type { RunInputs } from '../engines/run.ts';
import { replayTraces } from '../engines/simulate.ts';
import { deploymentOf } from '../engines/stand-up.ts';
import { type Home, homeOf, Traffic } from '../engines/traffic.ts';
import { Counter, type Wire, type World } from '../engines/world.ts';
import type { Clock } from '../kernel/clock.ts';
import { ELSEWHERE, NOTHING_OUTSIDE } from './elsewhere.ts';
import { Pace, type PaceFigures } from './pace.ts';
import { playedFrom } from './played.ts';
import { LoadTally, STOPPED } from './tally.ts';

/** Numbers of the generator's requests follow on this one: far from those that a server gives its own. */
const NUMBERS_AFTER = 100_000_000;
/** Sign-ins under way at one time. Assumed: more would only wait for one another at the server. */
const SIGN_INS = 16;
/** The first planned start is so long after the last sign-in, so that it is not late. */
const LEAD_US = 50_000;
/** How often it is looked whether all has ended. */
const LOOK_US = 20_000;
/** What is under way may go on so long once the user asked to stop. Assumed. */
const STOP_GRACE_US = 2_000_000;

/** Carries requests to what is loaded. */
export interface Carrier {
  readonly wire: Wire;
  /** Ends what is under way, for that reason. */
  cutAll(reason: string): void;
  close(): Promise<void>;
}

export interface CarrierHooks {
  /** To be called as a request leaves. */
  readonly leaves: (request: RequestFacts) => void;
  /** To be called as the first piece of its answer comes. */
  readonly hears: (request: RequestFacts) => void;
}

export interface GeneratorSurroundings {
  /** The same instant as the server's, where there is one of ours. */
  readonly clock: Clock;
  readonly carrier: (hooks: CarrierHooks) => Carrier;
  readonly inFlightMax?: number;
  /** Lets one more request start, or drops it; all start unless given. */
  readonly mayStart?: () => boolean;
  /** True once the user asked to stop. */
  readonly stopped: () => boolean;
  /** What it plants and judges by; one of its own unless given. */
  readonly ledger?: Ledger;
  /** Further folds over the generator's own history. */
  readonly observers?: readonly Observer[];
  readonly progress?: (seconds: number, requests: number) => void;
}

/** What the generator itself found out. */
export interface Generated {
  readonly tally: LoadTally;
  readonly pace: PaceFigures;
  /** On I1: every answer and stream, judged by who reads the connection. */
  readonly verdict: Verdict;
  /** Canaries that came back to one who may read them. */
  readonly ownCanaries: number;
  readonly planned: number;
  readonly users: { readonly signedIn: number; readonly refused: number };
  readonly startUs: number;
  readonly endUs: number;
  /** True when it was stopped before all that was planned had ended. */
  readonly partial: boolean;
  readonly stage: 'signing in' | 'load' | 'draining' | 'done';
}

/**
 * The same people, streams and requests as in simulated time. Its ledger gives labels and serials
 * in the order of a live platform's, so that both sides read the same canaries alike.
 */
export class Generator {
  readonly ledger: Ledger;
  readonly sender: Sender;
  readonly homes: readonly Home[];
  readonly #inputs: Pick<RunInputs, 'scenario' | 'seed' | 'traces'>;
  readonly #around: GeneratorSurroundings;
  readonly #carrier: Carrier;
  readonly #pace: Pace;
  readonly #tally = new LoadTally();
  readonly #noFlow: NoFlow;
  #stage: Generated['stage'] = 'signing in';
  #signedIn = 0;
  #refused = 0;
  #planned = 0;
  #startUs = 0;
  #endUs = 0;
  #partial = false;

  constructor(
    inputs: Pick<RunInputs, 'scenario' | 'seed' | 'traces'>,
    around: GeneratorSurroundings,
  ) {
    const { scenario, seed } = inputs;
    const { clock } = around;
    this.#inputs = inputs;
    this.#around = around;
    this.ledger = around.ledger ?? new Ledger();
    this.#pace = new Pace(() => clock.nowUs(), around.inFlightMax, around.mayStart);
    const deployment = deploymentOf(scenario);
    const recent = new Recent();
    this.#noFlow = new NoFlow({
      ledger: this.ledger,
      entitlements: scenario.entitlements,
      modelOf: (tier) => deployment.tiers[tier]?.modelId,
      recent,
    });
    this.#carrier = around.carrier({
      leaves: (request) => this.#leaves(request),
      hears: (request) => this.#tally.heard(request, clock.nowUs()),
    });
    const world: World = {
      clock,
      platform: ELSEWHERE,
      shelves: shelves(),
      faults: new ServiceFaults([]),
      hops: new Counter(),
      history: new History(
        () => clock.nowUs(),
        [
          recent,
          this.#noFlow,
          this.#tally,
          new Ends(() => this.#pace.ended()),
          ...(around.observers ?? []),
        ],
      ),
      outside: NOTHING_OUTSIDE,
      wire: this.#carrier.wire,
    };
    this.sender = new Sender(world, this.ledger, {
      ...{ seed, numbers: new Counter(NUMBERS_AFTER), clientId: deployment.clientId },
    });
    this.homes = tenantPlans(scenario).map((plan) =>
      homeOf(moveIn(plan, 1, this.ledger, clock.nowUs()).household),
    );
    // A live platform gives labels in this order, too.
    for (const client of this.clients) this.sender.labelOf(client);
  }

  get clients(): readonly Client[] {
    return this.homes.flatMap(({ clients }) => clients);
  }

  /** Signs everyone in, before the clock of the load runs. */
  async signIn(): Promise<void> {
    const waiting = [...this.clients];
    const work = async (): Promise<void> => {
      for (let client = waiting.pop(); client !== undefined; client = waiting.pop()) {
        if (this.#around.stopped()) return;
        const bearer = await this.sender.bearerFor(client);
        if (bearer === undefined) this.#refused += 1;
        else this.#signedIn += 1;
      }
    };
    const all = Promise.all(Array.from({ length: SIGN_INS }, work));
    if (await this.#endsUnlessStopped(all)) return;
    this.#carrier.cutAll(STOPPED);
    await all;
    this.#partial = true;
  }

  /** Plays the scenario's streams for so long, and waits until all has ended. */
  async load(durationUs: number): Promise<void> {
    if (this.#partial || this.#around.stopped()) {
      this.#partial = true;
      return;
    }
    const { clock } = this.#around;
    this.#stage = 'load';
    this.#startUs = clock.nowUs() + LEAD_US;
    const scenario = playedFrom(this.#inputs.scenario, this.#startUs, durationUs);
    const traffic = new Traffic(scenario, this.sender, this.#inputs.seed, this.#pace);
    for (const home of this.homes) traffic.admit(home, this.homes, this.#startUs);
    const homes = new Map(this.homes.map((home) => [home.household.facts.id, home]));
    replayTraces({ ...this.#inputs, scenario }, traffic, homes);
    await this.#until(() => clock.nowUs() >= scenario.endUs);
    this.#stage = this.#around.stopped() ? 'load' : 'draining';
    traffic.end();
    await this.#drained();
    this.#planned = traffic.planned;
    this.#endUs = clock.nowUs();
    if (!this.#around.stopped()) this.#stage = 'done';
    else this.#partial = true;
  }

  /** Takes the connections down. Concludes once. */
  async conclude(): Promise<Generated> {
    await this.#carrier.close();
    const p50Us = this.#tally.all.latencies.quantile(50);
    return {
      tally: this.#tally,
      pace: this.#pace.conclude(p50Us === undefined ? undefined : p50Us / 1000),
      verdict: this.#noFlow.conclude(),
      ownCanaries: this.#noFlow.returned,
      planned: this.#planned,
      users: { signedIn: this.#signedIn, refused: this.#refused },
      startUs: this.#startUs,
      endUs: this.#endUs,
      partial: this.#partial,
      stage: this.#stage,
    };
  }

  #leaves(request: RequestFacts): void {
    if (request.kind !== 'ask') return;
    // Who had to sign in anew before asking waited for the server, not for the generator.
    const waited = (request.bearer?.issuedUs ?? 0) > request.plannedUs;
    this.#pace.sent(request.plannedUs, waited);
  }

  /** What is under way ends by itself, or is cut a while after the user asked to stop. */
  async #drained(): Promise<void> {
    const { clock, stopped } = this.#around;
    let dueUs: number | undefined;
    while (this.sender.open > 0) {
      if (stopped()) dueUs ??= clock.nowUs() + STOP_GRACE_US;
      if (dueUs !== undefined && clock.nowUs() >= dueUs) this.#carrier.cutAll(STOPPED);
      this.#tell();
      await clock.sleep(LOOK_US);
    }
  }

  async #until(isOver: () => boolean): Promise<void> {
    while (!isOver() && !this.#around.stopped()) {
      this.#tell();
      await this.#around.clock.sleep(LOOK_US);
    }
  }

  /** False when the user asked to stop before it ended. */
  async #endsUnlessStopped(work: Promise<unknown>): Promise<boolean> {
    let ended = false;
    const noted = work.then(() => {
      ended = true;
    });
    while (!ended && !this.#around.stopped())
      await Promise.race([noted, this.#around.clock.sleep(LOOK_US)]);
    return !this.#around.stopped();
  }

  #tell(): void {
    const { clock, progress } = this.#around;
    progress?.((clock.nowUs() - this.#startUs) / 1_000_000, this.#tally.all.sent);
  }
}

/** What a driver that is trusted says of a request. */
export const toldOf = (request: RequestFacts): Told => {
  const { number, kind, origin, plannedUs, session, asks, principal } = request;
  return {
    ...{ number, kind, origin, plannedUs },
    ...(principal === undefined ? {} : { membership: principal.membership }),
    ...(session === undefined ? {} : { session }),
    ...(asks === undefined ? {} : { asks }),
  };
};

/** Tells when a request of the streams has ended. */
class Ends implements Observer {
  readonly #ended: () => void;

  constructor(ended: () => void) {
    this.#ended = ended;
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'ended' && event.request?.kind === 'ask') this.#ended();
  }
}
