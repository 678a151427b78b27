// What did one life of a tenant get from the limiter? Its decisions in their order, judged.

import type { Exchange, Permitted, RequestFacts } from '../../domain/history.ts';
import type { LimitContract, Refusal } from '../../domain/limit.ts';
import type { DailyAdmissions, LimiterSummary } from '../../domain/report.ts';
import { formatInstant, periodStartUs } from '../../kernel/calendar.ts';
import { DAY_US } from '../../kernel/clock.ts';
import { LimiterJudge, type LimiterVerdict } from '../limiter-judge.ts';

export interface Decision {
  readonly atUs: number;
  readonly tier: string;
  readonly admitted: boolean;
  readonly by: Refusal | undefined;
  /** The event by which it was known. */
  readonly event: Permitted | Exchange;
}

export interface Judged {
  readonly decision: Decision;
  readonly contract: LimitContract;
  readonly isWrong: boolean;
  /** Everything up to and with this decision. */
  readonly verdict: LimiterVerdict;
}

export interface LifeSettings {
  readonly limitsOf: (tier: string) => LimitContract;
  readonly judged: (judged: Judged) => void;
}

/** What the limiter said, which holds only if the front door keeps to it. */
interface Waiting {
  readonly arrivedUs: number;
  admission: Permitted | undefined;
  refusal: Permitted | undefined;
}

interface Day {
  readonly startUs: number;
  readonly endUs: number;
  readonly tier: string;
  contract: LimitContract;
  quota: number | null;
  admitted: number;
  refusedByQuota: number;
}

/**
 * An admission that bypassed the limiter is known only when the runtime has replied, after later
 * requests were decided. So decisions wait until no request that arrived before them is undecided;
 * only where a front door gave up waiting for such a runtime may one be judged late.
 */
export class Life {
  readonly #incarnation: string;
  readonly #settings: LifeSettings;
  /** Undecided requests by number, in order of arrival. */
  readonly #open = new Map<number, Waiting>();
  /** Requests that the front door gave up undecided, and that the runtime may still answer. */
  readonly #givenUp = new Set<number>();
  /** Decided and not judged, in order of time. */
  readonly #pending: Decision[] = [];
  readonly #days: Day[] = [];
  #judge: LimiterJudge | undefined;
  #verdict: LimiterVerdict | undefined;
  #tier = '';
  #contract: LimitContract = {};
  #lastUs = 0;

  constructor(incarnation: string, settings: LifeSettings) {
    this.#incarnation = incarnation;
    this.#settings = settings;
  }

  open(number: number, arrivedUs: number): void {
    this.#open.set(number, { arrivedUs, admission: undefined, refusal: undefined });
  }

  permitted(number: number, event: Permitted): void {
    const waiting = this.#open.get(number);
    if (waiting === undefined) return;
    if (event.permit.kind === 'refused') waiting.refusal ??= event;
    else waiting.admission ??= event;
  }

  forwarded(number: number, event: Exchange): void {
    const waiting = this.#open.get(number);
    if (waiting === undefined && !this.#givenUp.delete(number)) return;
    const { admission, refusal } = waiting ?? {};
    const atUs = refusal === undefined ? admission?.askedUs : undefined;
    this.#decide(number, decisionOf(event, atUs ?? event.startedUs, true));
  }

  /** The front door has replied. */
  answered(number: number, event: Exchange): void {
    const waiting = this.#open.get(number);
    if (waiting === undefined) return;
    const { admission, refusal } = waiting;
    const { status } = event.reply;
    const isUnsaid = admission === undefined && refusal === undefined;
    if (status === 429) {
      // Whoever has a permit and is turned away is refused, and of two permits one was for the rate.
      const atUs = (refusal ?? admission)?.askedUs ?? event.atUs;
      return this.#decide(number, decisionOf(event, atUs, false, refusal && refusedBy(refusal)));
    }
    // A door that gave up may have called a runtime that is still at work.
    if (status >= 500 && (isUnsaid || refusal !== undefined)) this.#givenUp.add(number);
    if (refusal !== undefined && status < 300)
      return this.#decide(number, decisionOf(refusal, refusal.askedUs, true));
    this.close(number);
  }

  /** Nothing more will be known of the request's decision but by a runtime that was given up. */
  close(number: number): void {
    const waiting = this.#open.get(number);
    if (waiting === undefined) return;
    const { admission, refusal } = waiting;
    if (refusal !== undefined) {
      this.#decide(number, decisionOf(refusal, refusal.askedUs, false, refusedBy(refusal)));
    } else if (admission !== undefined) {
      this.#decide(number, decisionOf(admission, admission.askedUs, true));
    } else {
      this.#open.delete(number);
      this.#settle();
    }
  }

  /** What has no permit and no answer yet was not decided. */
  finish(): void {
    for (const [number, { refusal }] of [...this.#open])
      if (refusal === undefined) this.close(number);
    this.#open.clear();
    this.#settle();
  }

  summary(): LimiterSummary {
    const window = this.#verdict?.worstWindow;
    return {
      tenant: this.#incarnation,
      tier: this.#tier,
      admitted: this.#verdict?.admitted ?? 0,
      refused: this.#verdict?.refused ?? 0,
      wrongAdmissions: this.#verdict?.wrongAdmissions ?? 0,
      wrongRefusals: this.#verdict?.wrongRefusals ?? 0,
      worstWindow: window === undefined ? null : { ...window },
      daily: this.#days.map(dailyOf),
    };
  }

  #decide(number: number, decision: Decision): void {
    const pending = this.#pending;
    let place = pending.length;
    while (place > 0 && (pending[place - 1]?.atUs ?? 0) > decision.atUs) place -= 1;
    pending.splice(place, 0, decision);
    this.#open.delete(number);
    this.#settle();
  }

  /** Judges what no undecided request can come before. */
  #settle(): void {
    const [first] = this.#open.values();
    const untilUs = first?.arrivedUs ?? Number.POSITIVE_INFINITY;
    for (let next = this.#pending[0]; next !== undefined && next.atUs <= untilUs; ) {
      this.#pending.shift();
      this.#judgeNext(next);
      next = this.#pending[0];
    }
  }

  #judgeNext(decision: Decision): void {
    const { admitted, by, tier } = decision;
    const atUs = Math.max(decision.atUs, this.#lastUs);
    this.#lastUs = atUs;
    const judge = this.#judgeFor(tier, atUs);
    judge.see(atUs, admitted, by);
    const verdict = judge.conclude();
    const wrongBefore = wrongIn(this.#verdict);
    this.#verdict = verdict;
    this.#count(atUs, admitted, by);
    const contract = this.#contract;
    this.#settings.judged({ decision, contract, verdict, isWrong: wrongIn(verdict) > wrongBefore });
  }

  #judgeFor(tier: string, atUs: number): LimiterJudge {
    if (this.#judge !== undefined && tier === this.#tier) return this.#judge;
    this.#tier = tier;
    this.#contract = this.#settings.limitsOf(tier);
    if (this.#judge === undefined) this.#judge = new LimiterJudge(this.#contract);
    else this.#judge.setContract(this.#contract, atUs);
    return this.#judge;
  }

  #count(atUs: number, admitted: boolean, by: Refusal | undefined): void {
    let day = this.#days.at(-1);
    if (day === undefined || atUs >= day.endUs) {
      day = newDay(this.#tier, this.#contract, atUs);
      this.#days.push(day);
    }
    if (day.contract !== this.#contract) {
      day.contract = this.#contract;
      day.quota = null;
    }
    if (admitted) day.admitted += 1;
    else if (by === 'QUOTA_EXCEEDED') day.refusedByQuota += 1;
  }
}

const decisionOf = (
  event: Permitted | Exchange,
  atUs: number,
  admitted: boolean,
  by?: Refusal,
): Decision => ({ atUs, tier: tierOf(event.request), admitted, by, event });

/** The authority that the request came with. */
const tierOf = (request: RequestFacts | undefined): string =>
  request?.bearer?.tier ?? request?.principal?.tenant.tier ?? '';

const refusedBy = ({ permit }: Permitted): Refusal | undefined =>
  permit.kind === 'refused' ? permit.by : undefined;

const wrongIn = (verdict: LimiterVerdict | undefined): number =>
  verdict === undefined ? 0 : verdict.wrongAdmissions + verdict.wrongRefusals;

const newDay = (tier: string, contract: LimitContract, atUs: number): Day => {
  const quota = contract.quota?.period === 'day' ? contract.quota : undefined;
  const startUs = periodStartUs(atUs, 'day', quota?.resetOffsetMinutes ?? 0);
  return {
    startUs,
    endUs: startUs + DAY_US,
    tier,
    contract,
    quota: quota?.requests ?? null,
    admitted: 0,
    refusedByQuota: 0,
  };
};

const dailyOf = ({ startUs, tier, admitted, quota, refusedByQuota }: Day): DailyAdmissions => ({
  day: formatInstant(startUs).slice(0, 10),
  tier,
  admitted,
  quota,
  refusedByQuota,
});
