// Did the front door keep each tenant's limits? Every decision that was observed, judged exactly.

import { FindingBook, type Recent, type Verdict } from '../domain/finding.ts';
import type {
  Exchange,
  HistoryEvent,
  Observer,
  Permitted,
  RequestFacts,
} from '../domain/history.ts';
import type { LimitContract } from '../domain/limit.ts';
import type { LimiterSummary } from '../domain/report.ts';
import { type Judged, Life } from './limiter-accuracy/life.ts';
import { wrongDecision } from './limiter-accuracy/wrong-decision.ts';
import type { Scope } from './usage.ts';

export interface LimiterTerms {
  /** What a tier is promised; undefined for an unknown tier, which is promised nothing. */
  readonly limitsOf: (tier: string) => LimitContract | undefined;
  readonly recent: Recent;
}

/**
 * Judges the front door's limiter by what was observed, never by the platform's own key, so that a
 * wrong key shows. A decision counts for the tenant whose genuine bearer token came with the
 * request, else for the one whose connection it is, and under the contract of the token's tier.
 *
 * What a request got: `permitted` says when, and whether it was admitted; a call from the front
 * door to the runtime is an admission at its start, whatever the limiter had said; a reply 429 of
 * the front door without that call is a refusal, whatever the limiter had said. Other refusals, as
 * of a forged token, are none of the limiter's. Of several permits in one request, as of one for the
 * rate and one for the quota, the first refusal counts, else the first.
 */
export class LimiterAccuracy implements Observer {
  readonly #terms: LimiterTerms;
  readonly #book: FindingBook;
  readonly #lives = new Map<string, Life>();
  readonly #wrong = new Map<string, { tier: string; tenant: string; wrong: number; all: number }>();

  constructor(terms: LimiterTerms) {
    this.#terms = terms;
    this.#book = new FindingBook(terms.recent);
  }

  see(event: HistoryEvent): void {
    const { request } = event;
    if (request === undefined || (request.kind !== 'ask' && request.kind !== 'probe')) return;
    switch (event.kind) {
      case 'arrived':
        this.#lifeOf(request)?.open(request.number, event.atUs);
        break;
      case 'permitted':
        if (event.limiter === 'front-door') this.#permitted(event, request);
        break;
      case 'exchange':
        if (event.to === 'front-door') this.#answered(event, request);
        else if (isForwarding(event)) {
          this.#lifeOf(request)?.forwarded(request.number, event);
        }
        break;
      case 'ended':
        this.#lifeOf(request)?.close(request.number);
        break;
      default:
    }
  }

  /** Judges what is still open, too. Concludes once. */
  conclude(): { readonly summaries: readonly LimiterSummary[]; readonly verdict: Verdict } {
    for (const life of this.#lives.values()) life.finish();
    const summaries = [...this.#lives.values()]
      .map((life) => life.summary())
      .filter(({ admitted, refused }) => admitted + refused > 0);
    const evidence = summaries.reduce((sum, { admitted, refused }) => sum + admitted + refused, 0);
    const controls = summaries.reduce((sum, { admitted }) => sum + admitted, 0);
    const findings = this.#book.findings();
    return { summaries, verdict: { promise: 'I6', evidence, controls, findings } };
  }

  /** Wrong admissions and refusals in a scope; undefined when nothing was decided in it. */
  wrongDecisions({ tier, tenant }: Scope): number | undefined {
    let [wrong, all] = [0, 0];
    for (const tally of this.#wrong.values()) {
      if (tier !== undefined && tally.tier !== tier) continue;
      if (tenant !== undefined && tally.tenant !== tenant) continue;
      wrong += tally.wrong;
      all += tally.all;
    }
    return all === 0 ? undefined : wrong;
  }

  #permitted(event: Permitted, request: RequestFacts): void {
    this.#lifeOf(request)?.permitted(request.number, event);
  }

  /** The front door has replied: what is not decided by now it refused itself, or never will be. */
  #answered(event: Exchange, request: RequestFacts): void {
    this.#lifeOf(request)?.answered(request.number, event);
  }

  #lifeOf({ principal, bearer }: RequestFacts): Life | undefined {
    const owner = bearer?.standing === 'good' ? bearer.owner : principal;
    if (owner === undefined) return undefined;
    const { incarnation, id } = owner.tenant;
    const known = this.#lives.get(incarnation);
    if (known !== undefined) return known;
    const life = new Life(incarnation, {
      limitsOf: (tier) => this.#terms.limitsOf(tier) ?? {},
      judged: (decision) => this.#judged(id, decision),
    });
    this.#lives.set(incarnation, life);
    return life;
  }

  #judged(tenant: string, judged: Judged): void {
    const { tier } = judged.decision;
    const key = `${tier}\n${tenant}`;
    const tally = this.#wrong.get(key) ?? { tier, tenant, wrong: 0, all: 0 };
    this.#wrong.set(key, tally);
    tally.all += 1;
    if (!judged.isWrong) return;
    tally.wrong += 1;
    this.#book.report(wrongDecision(judged));
  }
}

/** A probe may call the runtime in the front door's place: then no hop of a front door is behind it. */
const isForwarding = ({ from, to, parent }: Exchange): boolean =>
  from === 'front-door' && to === 'runtime' && parent !== 0;
