// Do the measures say what happened? Hand-made histories, and what each must come to.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SECOND_US } from '../sim/kernel/clock.ts';
import { type Bound, evaluateThresholds, jainIndex, Samples } from '../sim/measures.ts';
import type { Threshold } from '../sim/scenario/schema.ts';
import { bound, Hand, principalOf, valueBound } from './measures/hand.ts';

test('a user, a tenant and a tier each get what was completed, how fast, and what it cost', () => {
  const hand = new Hand();
  const anna = principalOf('clinic-a');
  for (const ms of [4, 1, 3, 2]) hand.served(ms, anna, ms * 1000);
  hand.refused(10_000, anna);
  const late = hand.request(anna);
  hand.arrive(20_000, late);
  hand.charge(20_500, late, 7, 'another tenant altogether');
  hand.end(29_000_000, late, 504, 20_000);
  hand.served(30, principalOf('clinic-b', 'premium'), 50_000);
  const { requests, tenants, users, tiers } = hand.measures.conclude();
  expect(requests).toMatchObject({ arrived: 7, completed: 5, refused: 1, failed: 1 });
  expect(requests.asked).toEqual({ inputTokens: 210, outputTokens: 280 });
  expect(tenants[0]).toEqual({
    id: 'clinic-a:1',
    tiers: ['basic'],
    requests: { arrived: 6, completed: 4, refused: 1, failed: 1 },
    latencyMs: { p50: 3, p90: 28_980, p95: 28_980, p99: 28_980, max: 28_980 },
    goodputPerSecond: 0.04,
    inputTokens: 10,
    outputTokens: 20,
    costMicroUsd: 7,
  });
  expect(users.map(({ id }) => id)).toEqual(['clinic-a:1/dr.lee', 'clinic-b:1/dr.lee']);
  expect(tiers.map(({ id, requests: { arrived } }) => [id, arrived])).toEqual([
    ['basic', 6],
    ['premium', 1],
  ]);
});

test('probes are no requests', () => {
  const hand = new Hand();
  const probe = hand.request(principalOf('clinic-a'), { kind: 'probe' });
  hand.arrive(0, probe);
  hand.end(1, probe, 401);
  const { requests, users } = hand.measures.conclude();
  expect(requests).toMatchObject({ arrived: 0, refused: 0 });
  expect(users).toEqual([]);
});

test('a partial run tells goodput over the time that was played', () => {
  const hand = new Hand();
  hand.served(0, principalOf('clinic-a'), 2 * SECOND_US);
  expect(hand.measures.conclude(true).tiers[0]?.goodputPerSecond).toBe(0.5);
});

test('a model host tells its uses, its queue, and whom it turned away', () => {
  const hand = new Hand();
  const request = hand.request(principalOf('clinic-a'));
  for (const queuedUs of [0, 10, 20, 30]) {
    const modelId = 'openai.gpt-oss-120b';
    hand.write(1, { kind: 'metered', request, modelId, inputTokens: 5, outputTokens: 6, queuedUs });
  }
  const body = '{"model":"openai.gpt-oss-120b"}';
  hand.hop(2, request, 'model', { status: 429, startedUs: 0, body });
  hand.hop(3, request, 'model', { status: 500, startedUs: 0, body });
  expect(hand.measures.conclude().resources).toEqual([
    {
      ...{ kind: 'model', name: 'model:openai.gpt-oss-120b', uses: 4, refusals: 1 },
      ...{ queuedUsP50: 10, queuedUsP95: 30, queuedUsMax: 30, inputTokens: 20, outputTokens: 24 },
    },
    { kind: 'service', name: 'model', uses: 2, refusals: 1, failures: 1, faulted: 0 },
  ]);
});

test('policy decisions come from the history, their latency from beside it', () => {
  const hand = new Hand();
  const request = hand.request(principalOf('clinic-a'));
  const question = {
    ...{ principal: { id: 'u', tags: {} }, action: 'a', gateway: 'g', input: {}, nowUs: 0 },
  };
  for (const cached of [false, true, true]) {
    const decision = { decision: 'allow', determining: [], errors: [], cached } as const;
    hand.write(1, { kind: 'decided', request, hop: 1, service: 'gateway', question, decision });
  }
  const gone = { question, decision: undefined } as const;
  hand.write(2, { kind: 'decided', request, hop: 1, service: 'gateway', ...gone });
  expect(hand.measures.conclude().policy).toEqual({
    ...{ decisions: 3, evaluated: 0, cacheHits: 2, latencyUs: null },
  });
  hand.policyTimesUs.add(95);
  expect(hand.measures.conclude().policy.latencyUs).toEqual({
    ...{ p50: 95, p90: 95, p95: 95, p99: 95, min: 95, max: 95, mean: 95, count: 1 },
  });
});

test('fairness compares tenants of one tier, and is 1 only when all got alike', () => {
  const alike = new Hand();
  const unlike = new Hand();
  for (const hand of [alike, unlike]) {
    for (const [number, tenant] of ['clinic-a', 'clinic-b'].entries()) {
      hand.served(number, principalOf(tenant));
    }
  }
  const anna = principalOf('clinic-a');
  unlike.served(10, anna);
  unlike.served(11, anna);
  expect(alike.measures.conclude().fairness.tiers).toEqual([
    { tier: 'basic', tenants: 2, index: 1 },
  ]);
  // (3 + 1)² ÷ (2 × (9 + 1))
  expect(unlike.measures.conclude().fairness.tiers[0]?.index).toBeCloseTo(0.8);
});

test('a tenant that got nothing lowers fairness; one alone has none', () => {
  expect(jainIndex([3, 0, 0])).toBeCloseTo(1 / 3);
  expect(jainIndex([3])).toBeUndefined();
  expect(jainIndex([0, 0])).toBeUndefined();
});

test('a threshold on a metric without samples fails, whatever it demands', () => {
  const { metrics } = new Hand().measures.conclude();
  const thresholds = [
    bound('latency_ms', 'count', '>=', 0),
    bound('latency_ms', 'p95', '<', 1_000_000),
    bound('policy_latency_us', 'max', '<', 1_000_000),
    valueBound('wrong_decisions'),
    valueBound('refused_share'),
  ];
  expect(evaluateThresholds(thresholds, metrics)).toEqual(
    thresholds.map(({ text }) => ({ text, value: null, holds: false })),
  );
});

test('a threshold holds on one side of its bound and not on the other', () => {
  const hand = new Hand();
  hand.served(0, principalOf('clinic-a'), 5000);
  hand.refused(1, principalOf('clinic-b'));
  const { metrics } = hand.measures.conclude();
  const thresholds: readonly Bound[] = [
    bound('latency_ms', 'p95', '<', 5),
    bound('latency_ms', 'p95', '<=', 5),
    valueBound('wrong_decisions', 'clinic-a'),
    valueBound('wrong_decisions', 'clinic-b'),
    valueBound('wrong_decisions', 'clinic-c'),
    valueBound('refused_share', 'clinic-a'),
  ];
  const verdicts = evaluateThresholds(thresholds, metrics);
  expect(verdicts.map(({ value }) => value)).toEqual([5, 5, 0, 1, null, 0]);
  expect(verdicts.map(({ holds }) => holds)).toEqual([false, true, true, false, false, true]);
});

test('a scenario’s thresholds are bounds', () => {
  const thresholds: readonly Threshold[] = [];
  const bounds: readonly Bound[] = thresholds;
  expect(bounds).toEqual([]);
});

test('a quantile is a sample, and as many samples as it says are not above it', () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (all, percent) => {
      const samples = new Samples();
      for (const value of all) samples.add(value);
      const quantile = samples.quantile(percent) ?? Number.NaN;
      expect(all).toContain(quantile);
      const atMost = all.filter((value) => value <= quantile).length;
      const below = all.filter((value) => value < quantile).length;
      expect(atMost * 100).toBeGreaterThanOrEqual(percent * all.length);
      expect(below * 100).toBeLessThan(percent * all.length);
    }),
  );
});
