// Did a limiter keep its contract, of whatever kind? One pass over its decisions, in whole numbers.

import type { Contract, Limit } from '../domain/contract.ts';
import { modulo } from '../kernel/calendar.ts';
import { zonedPeriod } from '../kernel/zoned-periods.ts';
import { BucketMeter } from './contract-judge/bucket-meter.ts';
import { CounterMeter } from './contract-judge/counter-meter.ts';
import { LogMeter } from './contract-judge/log-meter.ts';
import type { Meter } from './contract-judge/meter.ts';
import { OpenedMeter } from './contract-judge/opened-meter.ts';
import { PeriodMeter } from './contract-judge/period-meter.ts';
import type { Stretch } from './limiter-judge/busiest-window.ts';
import type { DecisionCounts } from './limiter-judge.ts';

export interface LimitVerdict {
  readonly name: string;
  /** Of all keys the stretch furthest beyond this limit; within it when nothing was wrong. */
  readonly worst: Stretch | undefined;
  /** Of windows: the most that one key was admitted in any interval of their length. */
  readonly fullest: Stretch | undefined;
  /**
   * Whether a call came when this limit surely had no room and every other one surely had: without
   * such a call the decisions say nothing of this limit, since a limiter that lacks it does the same.
   */
  readonly reached: boolean;
}

export interface ContractVerdict extends DecisionCounts {
  readonly limits: readonly LimitVerdict[];
}

/**
 * Judges decisions in the order in which they were made; see `LimiterJudge` for what counts and for
 * the tolerance, the widest spread of (stamp − instant of the decision). Every kind of limit is
 * judged by its own definition, without any code of a limiter. One pass; memory for each key is
 * constant but for windows, which remember the admissions of one window.
 */
export class ContractJudge {
  readonly #limits: readonly Limit[];
  readonly #toleranceUs: number;
  readonly #shared: readonly (Meter | undefined)[];
  readonly #byKey = new Map<string, readonly Meter[]>();
  #lastKey: string | undefined;
  #lastMeters: readonly Meter[] = [];
  #lastUs = Number.NEGATIVE_INFINITY;
  readonly #unreached: Set<number>;
  #admitted = 0;
  #refused = 0;
  #wrongAdmissions = 0;
  #wrongRefusals = 0;
  #firstWrongAdmissionUs: number | undefined;
  #firstWrongRefusalUs: number | undefined;

  constructor({ limits }: Pick<Contract, 'limits'>, toleranceUs = 0) {
    this.#limits = limits;
    this.#toleranceUs = toleranceUs;
    this.#unreached = new Set(limits.keys());
    this.#shared = limits.map((limit) =>
      limit.scope === 'all' ? meterOf(limit, toleranceUs) : undefined,
    );
  }

  /**
   * Takes the next decision. A stamp that is before the last by no more than the tolerance counts
   * as the last; by more, it is a RangeError. A refusal without `by` is right if any limit had no
   * room; `by` the name of a limit, if that one had none.
   */
  see(key: string, atUs: number, admitted: boolean, by?: string): void {
    if (atUs < this.#lastUs - this.#toleranceUs) {
      throw new RangeError(`a decision at ${atUs} µs was given after one at ${this.#lastUs} µs`);
    }
    if (atUs > this.#lastUs) this.#lastUs = atUs;
    const meters = this.#metersOf(key);
    for (const meter of meters) meter.advance(this.#lastUs);
    if (this.#unreached.size > 0) this.#noteReached(meters);
    if (admitted) this.#seeAdmission(meters);
    else this.#seeRefusal(meters, by);
  }

  /** The verdict so far; more decisions may follow. */
  conclude(): ContractVerdict {
    const all = [...this.#byKey.values()];
    return {
      admitted: this.#admitted,
      refused: this.#refused,
      wrongAdmissions: this.#wrongAdmissions,
      wrongRefusals: this.#wrongRefusals,
      firstWrongAdmissionUs: this.#firstWrongAdmissionUs,
      firstWrongRefusalUs: this.#firstWrongRefusalUs,
      limits: this.#limits.map(({ name }, index) => ({
        name,
        worst: worstOf(all.map((meters) => meters[index]?.worst())),
        fullest: worstOf(all.map((meters) => meters[index]?.fullest())),
        reached: !this.#unreached.has(index),
      })),
    };
  }

  #noteReached(meters: readonly Meter[]): void {
    for (const index of this.#unreached) {
      if (meters[index]?.surelySpent() !== true) continue;
      if (meters.every((other, at) => at === index || other.surelyHasRoom()))
        this.#unreached.delete(index);
    }
  }

  #seeAdmission(meters: readonly Meter[]): void {
    this.#admitted += 1;
    let isWrong = false;
    for (const meter of meters) {
      if (meter.surelySpent()) isWrong = true;
      meter.take();
    }
    if (!isWrong) return;
    this.#wrongAdmissions += 1;
    this.#firstWrongAdmissionUs ??= this.#lastUs;
  }

  #seeRefusal(meters: readonly Meter[], by: string | undefined): void {
    this.#refused += 1;
    for (const [index, meter] of meters.entries()) {
      if (by !== undefined && by !== this.#limits[index]?.name) continue;
      if (!meter.surelyHasRoom()) return;
    }
    this.#wrongRefusals += 1;
    this.#firstWrongRefusalUs ??= this.#lastUs;
  }

  #metersOf(key: string): readonly Meter[] {
    if (key === this.#lastKey) return this.#lastMeters;
    let meters = this.#byKey.get(key);
    if (meters === undefined) {
      meters = this.#limits.map(
        (limit, index) => this.#shared[index] ?? meterOf(limit, this.#toleranceUs),
      );
      this.#byKey.set(key, meters);
    }
    this.#lastKey = key;
    this.#lastMeters = meters;
    return meters;
  }
}

const meterOf = (limit: Limit, toleranceUs: number): Meter => {
  switch (limit.kind) {
    case 'token-bucket':
    case 'gcra':
      return new BucketMeter(limit, toleranceUs);
    case 'fixed-window':
      if (limit.begins === 'first-request') return new OpenedMeter(limit, toleranceUs);
      return new PeriodMeter({ ...limit, spanOf: windowSpan(limit.windowUs) }, toleranceUs);
    case 'sliding-log':
      return new LogMeter(limit, toleranceUs);
    case 'sliding-counter':
      return new CounterMeter(limit, toleranceUs);
    case 'quota': {
      const { requests, period, zone, resetMinutes } = limit;
      const spanOf = (atUs: number) => zonedPeriod(atUs, period, zone, resetMinutes);
      return new PeriodMeter({ requests, spanOf }, toleranceUs);
    }
  }
};

const windowSpan = (windowUs: number) => (atUs: number) => {
  const startUs = atUs - modulo(atUs, windowUs);
  return { startUs, endUs: startUs + windowUs };
};

/** The one furthest beyond what was allowed; the first of equals. */
const worstOf = (all: readonly (Stretch | undefined)[]): Stretch | undefined => {
  let worst: Stretch | undefined;
  for (const one of all) {
    if (one === undefined) continue;
    if (worst === undefined || one.admitted - one.allowed > worst.admitted - worst.allowed)
      worst = one;
  }
  return worst;
};
