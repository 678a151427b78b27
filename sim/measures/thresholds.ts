// Does the run meet its thresholds? A metric without samples never does.

import type { ReportedThreshold } from '../domain/report.ts';
import type { Summable } from './samples.ts';
import type { Scope } from './usage.ts';

/** A bound on a metric, as a scenario's `Threshold` is one. */
export type Bound = Scope & {
  readonly text: string;
  readonly operator: '<=' | '>=' | '==' | '<' | '>';
  readonly bound: number;
} & (
    | { readonly metric: SampledMetric; readonly aggregation: Aggregation }
    | { readonly metric: ValueMetric; readonly aggregation: 'value' }
  );

export type SampledMetric = 'latency_ms' | 'policy_latency_us';
export type ValueMetric =
  | 'goodput_per_second'
  | 'refused_share'
  | 'failed_share'
  | 'wrong_decisions'
  | 'cost_micro_usd'
  | 'jain_index';
export type Aggregation = 'p50' | 'p90' | 'p95' | 'p99' | 'max' | 'min' | 'mean' | 'count';

/** Where the figures come from. Undefined means that there were no samples. */
export interface Metrics {
  samples(metric: SampledMetric, scope: Scope): Summable;
  value(metric: ValueMetric, scope: Scope): number | undefined;
}

export const evaluateThresholds = (
  thresholds: readonly Bound[],
  metrics: Metrics,
): readonly ReportedThreshold[] =>
  thresholds.map((threshold) => {
    const value = measured(threshold, metrics);
    const holds = value !== undefined && COMPARE[threshold.operator](value, threshold.bound);
    return { text: threshold.text, value: value ?? null, holds };
  });

const COMPARE: Readonly<Record<Bound['operator'], (value: number, bound: number) => boolean>> = {
  '<=': (value, bound) => value <= bound,
  '>=': (value, bound) => value >= bound,
  '==': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '>': (value, bound) => value > bound,
};

const measured = (threshold: Bound, metrics: Metrics): number | undefined => {
  if (threshold.aggregation === 'value') return metrics.value(threshold.metric, threshold);
  const samples = metrics.samples(threshold.metric, threshold);
  return samples.count === 0 ? undefined : AGGREGATE[threshold.aggregation](samples);
};

const AGGREGATE: Readonly<Record<Aggregation, (samples: Summable) => number | undefined>> = {
  p50: (samples) => samples.quantile(50),
  p90: (samples) => samples.quantile(90),
  p95: (samples) => samples.quantile(95),
  p99: (samples) => samples.quantile(99),
  max: (samples) => samples.max(),
  min: (samples) => samples.min(),
  mean: (samples) => samples.mean(),
  count: (samples) => samples.count,
};
