// What did the generator's own requests come to: by tier and tenant, from their planned starts.

import type { Ended, HistoryEvent, Observer, RequestFacts } from '../domain/history.ts';
import type { LoadExperience, LoadRequests } from '../domain/load-report.ts';
import type { Outage } from '../domain/outage.ts';
import { cutOf } from './http-wire.ts';
import { Times } from './times.ts';

/** The reason for which the generator itself cuts a request: nothing is known of how it would have ended. */
export const STOPPED = 'stopped';

/** A connection that fails among others that are answered is no outage. Assumed. */
const OUTAGE_US = 500_000;

/** What was counted of one tier, tenant, or all. */
export interface Account {
  readonly id: string;
  readonly tier: string;
  sent: number;
  completed: number;
  refused: number;
  failed: number;
  unanswered: number;
  /** Of completed and failed requests. */
  readonly latencies: Times;
  readonly firstPieces: Times;
}

/** Folds over the generator's history: requests of kind `ask` alone. */
export class LoadTally implements Observer {
  readonly all = account('all', '', 3);
  readonly #tiers = new Map<string, Account>();
  readonly #tenants = new Map<string, Account>();
  readonly #failures = new Map<string, number>();
  readonly #outages: Outage[] = [];
  #outage: { fromUs: number; failed: number } | undefined;
  #streamed = 0;

  see(event: HistoryEvent): void {
    const { request } = event;
    if (request?.kind !== 'ask') return;
    if (event.kind === 'arrived') for (const each of this.#of(request)) each.sent += 1;
    if (event.kind === 'ended') this.#ended(event, request);
  }

  /** The first piece of an answer has come. */
  heard(request: RequestFacts, atUs: number): void {
    if (request.kind !== 'ask') return;
    for (const each of this.#of(request)) each.firstPieces.add(atUs - request.plannedUs);
  }

  get tiers(): readonly Account[] {
    return [...this.#tiers.values()];
  }

  get tenants(): readonly Account[] {
    return [...this.#tenants.values()];
  }

  /** Answers that came as a stream of events. */
  get streamed(): number {
    return this.#streamed;
  }

  get failures(): ReadonlyMap<string, number> {
    return this.#failures;
  }

  /** Stretches of half a second or more in which connections failed and nothing was answered. */
  outages(nowUs: number): readonly Outage[] {
    if (this.#outage === undefined || nowUs - this.#outage.fromUs < OUTAGE_US) return this.#outages;
    return [...this.#outages, { ...this.#outage, toUs: nowUs, isOver: false }];
  }

  #ended(event: Ended, request: RequestFacts): void {
    const cut = cutOf(event.reply);
    this.#connected(event, cut);
    if (event.reply.chunks !== undefined) this.#streamed += 1;
    const accounts = this.#of(request);
    if (cut === STOPPED) {
      for (const each of accounts) each.unanswered += 1;
      return;
    }
    if (event.outcome === 'failed') {
      const reason = cut ?? `status ${event.status}`;
      this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
    }
    for (const each of accounts) {
      each[event.outcome] += 1;
      if (event.outcome !== 'refused') each.latencies.add(event.atUs - request.plannedUs);
    }
  }

  #connected({ atUs }: Ended, cut: string | undefined): void {
    if (cut === STOPPED) return;
    if (cut !== undefined) {
      this.#outage ??= { fromUs: atUs, failed: 0 };
      this.#outage.failed += 1;
      return;
    }
    const outage = this.#outage;
    this.#outage = undefined;
    if (outage !== undefined && atUs - outage.fromUs >= OUTAGE_US)
      this.#outages.push({ ...outage, toUs: atUs, isOver: true });
  }

  #of({ principal, bearer }: RequestFacts): readonly Account[] {
    if (principal === undefined) return [this.all];
    const tier = bearer?.tier ?? principal.tenant.tier;
    const { incarnation } = principal.tenant;
    return [
      this.all,
      known(this.#tiers, tier, () => account(tier, tier, 3)),
      // Two digits for each tenant: a thousand of them are to fit.
      known(this.#tenants, incarnation, () => account(incarnation, tier, 2)),
    ];
  }
}

const known = (accounts: Map<string, Account>, id: string, make: () => Account): Account => {
  const found = accounts.get(id) ?? make();
  accounts.set(id, found);
  return found;
};

const account = (id: string, tier: string, digits: 2 | 3): Account => ({
  ...{ id, tier, sent: 0, completed: 0, refused: 0, failed: 0, unanswered: 0 },
  latencies: new Times(digits),
  firstPieces: new Times(digits),
});

export const requestsOf = (account: Account): LoadRequests => {
  const { sent, completed, refused, failed, unanswered } = account;
  return { sent, completed, refused, failed, unanswered };
};

/** `perSecond` is told over `spanUs`, above 0. */
export const experienceOf = (account: Account, spanUs: number): LoadExperience => ({
  ...{ id: account.id, tier: account.tier, requests: requestsOf(account) },
  latencyMs: account.latencies.summary(),
  firstPieceMs: account.firstPieces.summary(),
  goodputPerSecond: (account.completed * 1_000_000) / spanUs,
});
