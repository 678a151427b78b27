// What did a run measure? One fold over the history that feeds every measure.

import type { Recent, Verdict } from './domain/finding.ts';
import type { HistoryEvent, Observer } from './domain/history.ts';
import type { LimitContract } from './domain/limit.ts';
import type { Fairness, LimiterSummary, PolicySummary, ResourceSummary } from './domain/report.ts';
import { SECOND_US } from './kernel/clock.ts';
import { fairnessOf, jainIndex, sharesOf } from './measures/fairness.ts';
import { LimiterAccuracy } from './measures/limiter-accuracy.ts';
import { PolicyUse } from './measures/policy-use.ts';
import { Resources } from './measures/resources.ts';
import { Samples } from './measures/samples.ts';
import type { Metrics, SampledMetric, ValueMetric } from './measures/thresholds.ts';
import { type Experiences, type Scope, total, Usage } from './measures/usage.ts';

export { calibrate } from './measures/calibrating.ts';
export {
  ContractJudge,
  type ContractVerdict,
  type LimitVerdict,
} from './measures/contract-judge.ts';
export { type Decided, oracleCounts, oracleExcess } from './measures/contract-oracle.ts';
export { FAIRNESS_FORMULA, jainIndex } from './measures/fairness.ts';
export { judgeFleet } from './measures/fleet-limits.ts';
export { LimiterAccuracy, type LimiterTerms } from './measures/limiter-accuracy.ts';
export { Samples, type Summable } from './measures/samples.ts';
export {
  type Bound,
  evaluateThresholds,
  type Metrics,
  type SampledMetric,
  type ValueMetric,
} from './measures/thresholds.ts';
export type { Experiences, Scope } from './measures/usage.ts';

export interface MeasureSettings {
  readonly startUs: number;
  /** Of the whole scenario, above 0. */
  readonly durationUs: number;
  /** What a tier is promised; undefined for an unknown tier, which is promised nothing. */
  readonly limitsOf: (tier: string) => LimitContract | undefined;
  /** A tenant's share of traffic against others; 1 unless given. */
  readonly weightOf?: (tenant: string) => number;
  /** The checks' own, fed before the measures are. */
  readonly recent: Recent;
  /** Wall microseconds of Cedar's answers, filled by who asks Cedar. */
  readonly policyTimesUs: Samples;
}

/** Everything measured, ready for a report. */
export interface Measured extends Experiences {
  readonly limiter: readonly LimiterSummary[];
  /** The verdict on I6. */
  readonly limits: Verdict;
  readonly policy: PolicySummary;
  readonly resources: readonly ResourceSummary[];
  readonly fairness: Fairness;
  /** For `evaluateThresholds`. */
  readonly metrics: Metrics;
}

/** Feeds every measure; put it after the checks, which keep the recent events. */
export class Measures implements Observer {
  readonly #settings: MeasureSettings;
  readonly #limiter: LimiterAccuracy;
  readonly #usage = new Usage();
  readonly #resources = new Resources();
  readonly #policy: PolicyUse;
  #lastUs = 0;

  constructor(settings: MeasureSettings) {
    this.#settings = settings;
    this.#limiter = new LimiterAccuracy(settings);
    this.#policy = new PolicyUse(settings.policyTimesUs);
  }

  see(event: HistoryEvent): void {
    this.#lastUs = event.atUs;
    switch (event.kind) {
      case 'arrived':
      case 'ended':
        this.#limiter.see(event);
        this.#usage.see(event);
        break;
      case 'exchange':
        this.#limiter.see(event);
        this.#resources.see(event);
        break;
      case 'permitted':
        this.#limiter.see(event);
        break;
      case 'emitted':
        this.#usage.see(event);
        break;
      case 'metered':
        this.#resources.see(event);
        break;
      case 'decided':
        this.#policy.see(event);
        break;
      default:
    }
  }

  /** Concludes once. Goodput of a partial run is told over the time that was played. */
  conclude(partial = false): Measured {
    const { startUs, durationUs } = this.#settings;
    const playedUs = Math.max(1, Math.min(durationUs, this.#lastUs - startUs));
    const spanUs = partial ? playedUs : durationUs;
    const { summaries, verdict } = this.#limiter.conclude();
    return {
      ...this.#usage.conclude(spanUs),
      limiter: summaries,
      limits: verdict,
      policy: this.#policy.conclude(),
      resources: this.#resources.conclude(),
      fairness: fairnessOf(this.#usage.accounts(ALL), this.#weightOf),
      metrics: this.#metrics(spanUs),
    };
  }

  readonly #weightOf = (tenant: string): number => this.#settings.weightOf?.(tenant) ?? 1;

  #metrics(spanUs: number): Metrics {
    return {
      samples: (metric, scope) => this.#samples(metric, scope),
      value: (metric, scope) => this.#value(metric, scope, spanUs),
    };
  }

  #samples(metric: SampledMetric, scope: Scope): Samples {
    // The wall times of Cedar are nobody's in particular: in a scope there are none.
    if (metric === 'policy_latency_us') {
      const isOfAll = scope.tier === undefined && scope.tenant === undefined;
      return isOfAll ? this.#settings.policyTimesUs : new Samples();
    }
    const ms = new Samples();
    for (const { latenciesUs } of this.#usage.accounts(scope)) {
      for (const us of latenciesUs.values()) ms.add(us / 1000);
    }
    return ms;
  }

  #value(metric: ValueMetric, scope: Scope, spanUs: number): number | undefined {
    const accounts = this.#usage.accounts(scope);
    const completed = total(accounts, 'completed');
    const refused = total(accounts, 'refused');
    const failed = total(accounts, 'failed');
    const ended = completed + refused + failed;
    switch (metric) {
      case 'goodput_per_second':
        return ended === 0 ? undefined : (completed * SECOND_US) / spanUs;
      case 'refused_share':
        return ended === 0 ? undefined : refused / ended;
      case 'failed_share':
        return ended === 0 ? undefined : failed / ended;
      case 'cost_micro_usd':
        return total(accounts, 'charges') === 0 ? undefined : total(accounts, 'costMicroUsd');
      case 'wrong_decisions':
        return this.#limiter.wrongDecisions(scope);
      case 'jain_index':
        return jainIndex(sharesOf(this.#usage.accounts(ALL), this.#weightOf, scope.tier));
    }
  }
}

const ALL: Scope = { tier: undefined, tenant: undefined };
