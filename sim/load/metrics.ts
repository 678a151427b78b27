// Where do the thresholds of a load take their figures: latencies and outcomes of the generator, the rest of the server.

import type { Report } from '../domain/report.ts';
import { SECOND_US } from '../kernel/clock.ts';
import type { Metrics, Scope, Summable, ValueMetric } from '../measures.ts';
import type { Generated } from './generator.ts';
import type { Account } from './tally.ts';
import { Times } from './times.ts';

/** Without the server's report what only it knows has no samples. */
export const metricsOf = (generated: Generated, server: Report | undefined): Metrics => ({
  samples: (metric, scope) =>
    metric === 'latency_ms' ? latencies(generated, scope) : policyTimes(server, scope),
  value: (metric, scope) => value(generated, server, metric, scope),
});

/** A threshold names a tenant by its id, an account by its incarnation. */
const accountsIn = ({ tally }: Generated, { tier, tenant }: Scope): readonly Account[] => {
  if (tenant !== undefined)
    return tally.tenants.filter(
      (each) => idOf(each.id) === tenant && (tier === undefined || each.tier === tier),
    );
  return tier === undefined ? [tally.all] : tally.tiers.filter(({ id }) => id === tier);
};

const idOf = (incarnation: string): string => incarnation.replace(/:\d+$/, '');

const latencies = (generated: Generated, scope: Scope): Summable =>
  (accountsIn(generated, scope)[0]?.latencies ?? new Times()).inMs();

/** A report holds what a threshold may name, not the samples. */
const policyTimes = (server: Report | undefined, { tier, tenant }: Scope): Summable => {
  const known = tier === undefined && tenant === undefined ? server?.policy.latencyUs : undefined;
  const quantiles: Readonly<Record<number, number | undefined>> = {
    50: known?.p50,
    90: known?.p90,
    95: known?.p95,
    99: known?.p99,
  };
  return {
    count: known?.count ?? 0,
    quantile: (percent) => quantiles[percent],
    min: () => known?.min,
    max: () => known?.max,
    mean: () => known?.mean,
  };
};

const value = (
  generated: Generated,
  server: Report | undefined,
  metric: ValueMetric,
  scope: Scope,
): number | undefined => {
  const accounts = accountsIn(generated, scope);
  const sum = (count: (account: Account) => number): number =>
    accounts.reduce((total, account) => total + count(account), 0);
  const ended = sum(({ completed, refused, failed }) => completed + refused + failed);
  const spanUs = Math.max(1, generated.endUs - generated.startUs);
  switch (metric) {
    case 'goodput_per_second':
      return ended === 0 ? undefined : (sum(({ completed }) => completed) * SECOND_US) / spanUs;
    case 'refused_share':
      return ended === 0 ? undefined : sum(({ refused }) => refused) / ended;
    case 'failed_share':
      return ended === 0 ? undefined : sum(({ failed }) => failed) / ended;
    default:
      return server === undefined ? undefined : ofServer(server, metric, scope);
  }
};

const ofServer = (
  { limiter, tiers, tenants, fairness }: Report,
  metric: 'wrong_decisions' | 'cost_micro_usd' | 'jain_index',
  { tier, tenant }: Scope,
): number | undefined => {
  if (metric === 'jain_index')
    return (
      fairness.tiers.find((each) => tier === undefined || each.tier === tier)?.index ?? undefined
    );
  if (metric === 'wrong_decisions') {
    const rows = limiter.filter(
      (row) =>
        (tier === undefined || row.tier === tier) &&
        (tenant === undefined || idOf(row.tenant) === tenant),
    );
    return rows.length === 0
      ? undefined
      : rows.reduce((sum, row) => sum + row.wrongAdmissions + row.wrongRefusals, 0);
  }
  const rows =
    tenant === undefined
      ? tiers.filter(({ id }) => tier === undefined || id === tier)
      : tenants.filter(({ id }) => idOf(id) === tenant);
  return rows.length === 0 ? undefined : rows.reduce((sum, row) => sum + row.costMicroUsd, 0);
};
