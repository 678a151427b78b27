// What does `latency_ms{tier:premium}: ["p95 < 15000"]` demand: thresholds read, or complained of.

import { isRecord } from '../domain/wire.ts';
import { find, type Names } from './names.ts';
import {
  OPERATORS,
  type Operator,
  SAMPLE_AGGREGATIONS,
  SAMPLED_METRICS,
  type Threshold,
  VALUE_METRICS,
} from './schema.ts';
import type { Problem } from './wording.ts';
import { problem, shown, suggestion } from './wording.ts';

type Mistake = { readonly message: string; readonly hint?: string };
type Read<T> = { readonly kind: 'read'; readonly value: T } | ({ readonly kind: 'no' } & Mistake);

interface Metric {
  readonly metric: Threshold['metric'];
  readonly tier: string | undefined;
  readonly tenant: string | undefined;
}

/** Every key and expression that is no threshold, or names what is not declared. */
export const thresholdProblems = (data: unknown, names: Names): Problem[] =>
  find(data, 'thresholds{}').flatMap(({ path, value: key }) => {
    const metric = readMetric(String(key), names);
    const table = isRecord(data) ? data['thresholds'] : undefined;
    const listed: unknown = isRecord(table) ? table[String(key)] : undefined;
    const expressions: readonly unknown[] = Array.isArray(listed) ? listed : [];
    const wrong = expressions.flatMap((expression, index) => {
      if (typeof expression !== 'string') return [];
      const bound = readBound(expression, metric.kind === 'read' ? metric.value : undefined);
      return bound.kind === 'no' ? [problem([...path, index], bound.message, bound.hint)] : [];
    });
    return metric.kind === 'no'
      ? [problem(path, metric.message, metric.hint, 'key'), ...wrong]
      : wrong;
  });

/** Reads sound thresholds, one for each expression. */
export const readThresholds = (
  table: Readonly<Record<string, readonly string[]>>,
  names: Names,
): Threshold[] =>
  Object.entries(table).flatMap(([key, expressions]) => {
    const metric = readMetric(key, names);
    if (metric.kind === 'no') throw new Error(`thresholds: ${key}: ${metric.message}`);
    return expressions.map((expression) => {
      const bound = readBound(expression, metric.value);
      if (bound.kind === 'no') throw new Error(`thresholds: ${expression}: ${bound.message}`);
      return together(`${key}: ${expression}`, metric.value, bound.value);
    });
  });

const METRICS = [...SAMPLED_METRICS, ...VALUE_METRICS];

const readMetric = (key: string, names: Names): Read<Metric> => {
  const match = /^([^{}]*?)\s*(?:\{([^{}]*)\})?$/.exec(key);
  if (match === null) {
    return no(`expected a metric such as \`latency_ms{tier:premium}\`, found ${shown(key)}`);
  }
  const [, word = '', inside] = match;
  const metric = METRICS.find((each) => each === word);
  if (metric === undefined) {
    return no(`unknown metric ${shown(word)}`, suggestion(word, METRICS, 'metrics'));
  }
  const tags: { tier?: string; tenant?: string } = {};
  for (const tag of inside?.split(',') ?? []) {
    const colon = tag.indexOf(':');
    const kind = tag.slice(0, Math.max(0, colon)).trim();
    const name = tag.slice(colon + 1).trim();
    if (kind !== 'tier' && kind !== 'tenant') {
      return no(`unknown tag ${shown(tag.trim())}`, 'expected `tier:NAME` or `tenant:ID`');
    }
    if (tags[kind] !== undefined) return no(`tag \`${kind}\` is given twice`);
    const known = names[kind];
    if (known !== undefined && !known.has(name)) {
      return no(`unknown ${kind} ${shown(name)}`, suggestion(name, known, `declared ${kind}s`));
    }
    tags[kind] = name;
  }
  if (metric === 'jain_index' && tags.tenant !== undefined) {
    return no('`jain_index` compares tenants, so it has no tag `tenant`');
  }
  if (metric === 'policy_latency_us' && (tags.tenant ?? tags.tier) !== undefined) {
    return no(
      '`policy_latency_us` is measured of all decisions together, so it has no tags',
      'leave the braces out',
    );
  }
  return { kind: 'read', value: { metric, tier: tags.tier, tenant: tags.tenant } };
};

interface Bound {
  readonly aggregation: Threshold['aggregation'];
  readonly operator: Operator;
  readonly bound: number;
}

const AGGREGATIONS = [...SAMPLE_AGGREGATIONS, 'value'] as const;
const EXPRESSION = new RegExp(
  `^\\s*([A-Za-z]\\w*)\\s*(${OPERATORS.join('|')})\\s*(-?\\d+(?:\\.\\d+)?)\\s*$`,
);

const readBound = (expression: string, metric: Metric | undefined): Read<Bound> => {
  const [, word = '', sign, figure] = EXPRESSION.exec(expression) ?? [];
  const operator = OPERATORS.find((each) => each === sign);
  if (operator === undefined) {
    const hint = 'operators: `<`, `<=`, `>`, `>=`, `==`; bounds are decimal numbers';
    return no(`expected a bound such as \`p95 < 15000\`, found ${shown(expression)}`, hint);
  }
  const aggregation = AGGREGATIONS.find((each) => each === word);
  const fitting = metric === undefined ? AGGREGATIONS : aggregationsOf(metric.metric);
  if (aggregation === undefined || !fitting.includes(aggregation)) {
    const of = metric === undefined ? '' : ` of \`${metric.metric}\``;
    const hint = suggestion(word, fitting, `aggregations${of}`);
    return no(`${aggregation === undefined ? 'unknown' : 'no'} aggregation ${shown(word)}`, hint);
  }
  return { kind: 'read', value: { aggregation, operator, bound: Number(figure) } };
};

const aggregationsOf = (metric: Threshold['metric']): readonly Threshold['aggregation'][] =>
  SAMPLED_METRICS.some((each) => each === metric) ? SAMPLE_AGGREGATIONS : ['value'];

const together = (text: string, { metric, tier, tenant }: Metric, bound: Bound): Threshold => {
  const { aggregation, operator } = bound;
  const shared = { text, tier, tenant, operator, bound: bound.bound };
  if (metric === 'latency_ms' || metric === 'policy_latency_us') {
    if (aggregation === 'value') throw new Error(`thresholds: ${text}: no such aggregation`);
    return { ...shared, metric, aggregation };
  }
  return { ...shared, metric, aggregation: 'value' };
};

const no = (message: string, hint?: string): { readonly kind: 'no' } & Mistake => ({
  kind: 'no',
  message,
  ...(hint === undefined ? {} : { hint }),
});
