// Do the measures say what happened? Hand-made histories, and what each must come to.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from '../sim/domain/finding.ts';
import type { HistoryEvent, RequestFacts } from '../sim/domain/history.ts';
import type { BearerFacts } from '../sim/domain/ledger.ts';
import type { LimitContract, Permit } from '../sim/domain/limit.ts';
import type { Principal } from '../sim/domain/principal.ts';
import { SECOND_US } from '../sim/kernel/clock.ts';
import { LimiterJudge } from '../sim/measures/limiter-judge.ts';
import { type Bound, evaluateThresholds, jainIndex, Measures, Samples } from '../sim/measures.ts';
import { UsagePlanLimiter } from '../sim/protocol/limiter.ts';
import type { Threshold } from '../sim/scenario/schema.ts';

const START_US = Date.UTC(2026, 2, 2) * 1000;
const BASIC: LimitContract = {
  rate: { requestsPerSecond: 2, burst: 5 },
  quota: { requests: 50, period: 'day', resetOffsetMinutes: 0 },
};
const PREMIUM: LimitContract = { rate: { requestsPerSecond: 10, burst: 20 } };
const ADMITTED: Permit = { kind: 'admitted' };
const throttled: Permit = { kind: 'refused', by: 'THROTTLED', retryAfterUs: 1 };

const principalOf = (tenant: string, tier = 'basic', life = 1): Principal => ({
  tenant: {
    id: tenant,
    incarnation: `${tenant}:${life}`,
    zone: 'UTC',
    tier,
    status: 'active',
    changedUs: 0,
  },
  user: 'dr.lee',
  username: 'dr.lee',
  role: 'physician',
  membership: `${tenant}:${life}/dr.lee`,
});

type Unplaced<E> = E extends HistoryEvent ? Omit<E, 'index' | 'atUs'> : never;

/** A history as a recorder would write it, by hand. */
class Hand {
  readonly recent = new Recent();
  readonly policyTimesUs = new Samples();
  readonly measures = new Measures({
    startUs: START_US,
    durationUs: 100 * SECOND_US,
    limitsOf: (tier) => ({ basic: BASIC, premium: PREMIUM })[tier],
    recent: this.recent,
    policyTimesUs: this.policyTimesUs,
  });
  #index = 0;
  #number = 0;

  /** `atUs` counts from the start. */
  write(atUs: number, happening: Unplaced<HistoryEvent>): void {
    const event = { index: this.#index, atUs: START_US + atUs, ...happening } as HistoryEvent;
    this.#index += 1;
    this.recent.see(event);
    this.measures.see(event);
  }

  request(principal: Principal, facts: Partial<RequestFacts> = {}): RequestFacts {
    this.#number += 1;
    return {
      number: this.#number,
      kind: 'ask',
      principal,
      writes: 0,
      plannedUs: 0,
      origin: 'rounds',
      asks: { tool: undefined, input: {}, expects: [], inputTokens: 30, outputTokens: 40 },
      ...facts,
    };
  }

  arrive(atUs: number, request: RequestFacts): void {
    this.write(atUs, { kind: 'arrived', request });
  }

  permit(atUs: number, request: RequestFacts, permit: Permit, key = 'key'): void {
    const { limiter, contract } = { limiter: 'front-door', contract: BASIC } as const;
    this.write(atUs, { kind: 'permitted', request, hop: 1, limiter, key, contract, permit });
  }

  hop(
    atUs: number,
    request: RequestFacts,
    to: 'front-door' | 'runtime' | 'model',
    reply: { readonly status: number; readonly startedUs: number; readonly body?: string },
    parent = 1,
  ): void {
    const from = to === 'front-door' ? 'internet' : to === 'runtime' ? 'front-door' : 'agent';
    const call = {
      method: 'POST',
      path: '/v1/chat/completions',
      headers: [],
      body: reply.body ?? '',
    };
    this.write(atUs, {
      kind: 'exchange',
      request,
      startedUs: START_US + reply.startedUs,
      from: from === 'agent' ? 'runtime' : from,
      to,
      hop: 2,
      parent,
      call,
      reply: { status: reply.status, headers: [], body: '' },
      faulted: false,
    });
  }

  end(atUs: number, request: RequestFacts, status: number, startedUs = 0): void {
    this.hop(atUs, request, 'front-door', { status, startedUs });
    const outcome = status < 300 ? 'completed' : status < 500 ? 'refused' : 'failed';
    const reply = { status, headers: [], body: '' };
    const started = START_US + startedUs;
    this.write(atUs, { kind: 'ended', request, outcome, status, startedUs: started, reply });
  }

  charge(atUs: number, request: RequestFacts, costMicroUsd: number, tenant = 'anyone'): void {
    const usage = {
      ...{ tier: 'any', tenant, user: 'any', modelId: 'm' },
      ...{ inputTokens: 10, outputTokens: 20, costMicroUsd },
    };
    const record = { kind: 'usage', usage } as const;
    this.write(atUs, { kind: 'emitted', request, hop: 1, service: 'runtime', record });
  }

  /** A request that is permitted at once, takes `tookUs` and completes. */
  served(atUs: number, principal: Principal, tookUs = 1000): void {
    const request = this.request(principal);
    this.arrive(atUs, request);
    this.permit(atUs, request, ADMITTED);
    this.hop(atUs + tookUs, request, 'runtime', { status: 200, startedUs: atUs });
    this.end(atUs + tookUs, request, 200, atUs);
  }

  /** A request that the limiter refuses. */
  refused(atUs: number, principal: Principal, permit = throttled): void {
    const request = this.request(principal);
    this.arrive(atUs, request);
    this.permit(atUs, request, permit);
    this.end(atUs, request, 429, atUs);
  }
}

const bound = (
  metric: 'latency_ms' | 'policy_latency_us',
  aggregation: 'p95' | 'count' | 'max',
  operator: Bound['operator'],
  value: number,
): Bound => ({
  text: `${metric}: ${aggregation} ${operator} ${value}`,
  ...{ tier: undefined, tenant: undefined, metric, aggregation, operator, bound: value },
});

const valueBound = (metric: 'wrong_decisions' | 'refused_share', tenant?: string): Bound => ({
  text: metric,
  ...{ tier: undefined, tenant, metric, aggregation: 'value', operator: '==', bound: 0 },
});

test('a limiter that keeps its contract has no wrong decision', () => {
  const hand = new Hand();
  const anna = principalOf('clinic-a');
  for (let number = 0; number < 5; number += 1) hand.served(number, anna);
  hand.refused(10, anna);
  const { limiter, limits } = hand.measures.conclude();
  expect(limiter).toMatchObject([
    {
      tenant: 'clinic-a:1',
      tier: 'basic',
      admitted: 5,
      refused: 1,
      wrongAdmissions: 0,
      wrongRefusals: 0,
    },
  ]);
  expect(limiter[0]?.daily).toEqual([
    { day: '2026-03-02', tier: 'basic', admitted: 5, quota: 50, refusedByQuota: 0 },
  ]);
  expect(limits).toMatchObject({ promise: 'I6', evidence: 6, controls: 5, findings: [] });
});

test('the sixth of a burst of five is a wrong admission, and a finding', () => {
  const hand = new Hand();
  for (let number = 0; number < 7; number += 1) hand.served(number, principalOf('clinic-a'));
  const { limiter, limits } = hand.measures.conclude();
  expect(limiter[0]).toMatchObject({ admitted: 7, wrongAdmissions: 2 });
  expect(limiter[0]?.worstWindow).toMatchObject({ admitted: 7, allowed: 5 });
  const [finding] = limits.findings;
  expect(finding?.count).toBe(2);
  expect(finding?.violation.then.at(-1)).toContain('a contradiction');
  expect(finding?.violation.let[0]).toContain('00:00:00.000');
  expect(finding?.neighbourhood.length).toBeGreaterThan(0);
});

test('a refusal while a permit is there is a wrong refusal, and another finding', () => {
  const hand = new Hand();
  hand.refused(0, principalOf('clinic-a'));
  const { limiter, limits } = hand.measures.conclude();
  expect(limiter[0]).toMatchObject({ refused: 1, wrongRefusals: 1, worstWindow: null });
  expect(limits.findings.map(({ violation }) => violation.operation)).toEqual(['refuse']);
});

test('two tenants that the platform counts under one key are judged each by its own limit', () => {
  const hand = new Hand();
  for (let number = 0; number < 5; number += 1) hand.served(number, principalOf('clinic-a'));
  // The shared bucket is empty now; clinic-b pays for it.
  hand.refused(10, principalOf('clinic-b'));
  const { limiter } = hand.measures.conclude();
  expect(limiter.map(({ tenant, wrongRefusals }) => [tenant, wrongRefusals])).toEqual([
    ['clinic-a:1', 0],
    ['clinic-b:1', 1],
  ]);
});

test('two lives of one tenant id have limits of their own', () => {
  const hand = new Hand();
  for (let number = 0; number < 5; number += 1) hand.served(number, principalOf('clinic-a'));
  for (let number = 5; number < 10; number += 1) {
    hand.served(number, principalOf('clinic-a', 'basic', 2));
  }
  const { limiter } = hand.measures.conclude();
  expect(limiter.map(({ wrongAdmissions }) => wrongAdmissions)).toEqual([0, 0]);
});

test('a call that bypasses the limiter counts as admitted when it began', () => {
  const hand = new Hand();
  const anna = principalOf('clinic-a');
  const bypassing = hand.request(anna);
  hand.arrive(0, bypassing);
  for (let number = 1; number <= 5; number += 1) hand.served(number, anna, 10);
  // Only now the runtime answers the call that took a permit before all the others.
  hand.hop(50_000, bypassing, 'runtime', { status: 200, startedUs: 0 });
  hand.end(50_000, bypassing, 200);
  const { limiter, limits } = hand.measures.conclude();
  expect(limiter[0]).toMatchObject({ admitted: 6, wrongAdmissions: 1 });
  expect(limits.findings[0]?.violation.event).toMatchObject({
    kind: 'permitted',
    atUs: START_US + 5,
  });
});

test('a front door that forwards what its limiter refused has admitted it', () => {
  const hand = new Hand();
  const anna = principalOf('clinic-a');
  for (let number = 0; number < 5; number += 1) hand.served(number, anna);
  const ignored = hand.request(anna);
  hand.arrive(10, ignored);
  hand.permit(10, ignored, throttled);
  hand.hop(1010, ignored, 'runtime', { status: 200, startedUs: 10 });
  hand.end(1010, ignored, 200, 10);
  expect(hand.measures.conclude().limiter[0]).toMatchObject({ refused: 0, wrongAdmissions: 1 });
});

test('a front door that times out on a call that bypassed its limiter has admitted it', () => {
  const hand = new Hand();
  const anna = principalOf('clinic-a');
  const slow = hand.request(anna);
  hand.arrive(0, slow);
  hand.end(29 * SECOND_US, slow, 504);
  hand.hop(40 * SECOND_US, slow, 'runtime', { status: 200, startedUs: 0 });
  const { limiter } = hand.measures.conclude();
  expect(limiter[0]).toMatchObject({ admitted: 1, refused: 0 });
});

test('a 429 of a front door that has a limiter of its own is a refusal; a 401 is none', () => {
  const hand = new Hand();
  const anna = principalOf('clinic-a');
  const limited = hand.request(anna);
  hand.arrive(0, limited);
  hand.end(5, limited, 429);
  const stranger = hand.request(anna, { kind: 'probe' });
  hand.arrive(10, stranger);
  hand.end(15, stranger, 401);
  expect(hand.measures.conclude().limiter[0]).toMatchObject({ refused: 1, wrongRefusals: 1 });
});

test('a probe that calls the runtime in the front door’s place took no permit', () => {
  const hand = new Hand();
  const probe = hand.request(principalOf('clinic-a'), { kind: 'probe' });
  hand.arrive(0, probe);
  hand.hop(5, probe, 'runtime', { status: 401, startedUs: 0 }, 0);
  expect(hand.measures.conclude().limiter).toEqual([]);
});

test('the authority for the contract is the tier of the bearer token', () => {
  const hand = new Hand();
  const anna = principalOf('clinic-a', 'premium');
  const bearer: BearerFacts = {
    standing: 'good',
    ...{ text: 't', owner: anna, tier: 'basic', tenant: 'clinic-a:1' },
    ...{ role: 'physician', clinic: 'c', sub: 's', issuedUs: 0, expiresUs: 1 },
  };
  for (let number = 0; number < 6; number += 1) {
    const request = hand.request(anna, { bearer });
    hand.arrive(number, request);
    hand.permit(number, request, ADMITTED);
    hand.end(number, request, 200, number);
  }
  const measured = hand.measures.conclude();
  expect(measured.limiter[0]).toMatchObject({ tier: 'basic', admitted: 6, wrongAdmissions: 1 });
  expect(measured.tiers.map(({ id }) => id)).toEqual(['basic']);
});

test('whatever the overlap of requests, the verdict is that of the judge on their decisions', () => {
  const arrivals = fc.array(
    fc.record({
      gapUs: fc.integer({ min: 0, max: 400_000 }),
      delayUs: fc.integer({ min: 0, max: 900_000 }),
      bypasses: fc.boolean(),
      lies: fc.integer({ min: 0, max: 5 }).map((draw) => draw === 0),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(arrivals, (rows) => {
      const hand = new Hand();
      const anna = principalOf('clinic-a');
      const judge = new LimiterJudge(BASIC);
      const limiter = new UsagePlanLimiter();
      const steps: { atUs: number; act: () => void }[] = [];
      const decisions: { atUs: number; admitted: boolean; order: number }[] = [];
      let nowUs = 0;
      for (const [order, { gapUs, delayUs, bypasses, lies }] of rows.entries()) {
        nowUs += gapUs;
        const request = hand.request(anna);
        const [atUs, endUs] = [nowUs, nowUs + delayUs];
        steps.push({ atUs, act: () => hand.arrive(atUs, request) });
        if (bypasses) {
          decisions.push({ atUs, admitted: true, order });
          steps.push({
            atUs: endUs,
            act: () => {
              hand.hop(endUs, request, 'runtime', { status: 200, startedUs: atUs });
              hand.end(endUs, request, 200, atUs);
            },
          });
          continue;
        }
        const right = limiter.admit('key', BASIC, START_US + endUs).kind === 'admitted';
        const admitted = right !== lies;
        decisions.push({ atUs: endUs, admitted, order });
        steps.push({
          atUs: endUs,
          act: () => {
            hand.permit(endUs, request, admitted ? ADMITTED : throttled);
            hand.end(endUs, request, admitted ? 200 : 429, atUs);
          },
        });
      }
      for (const { act } of steps.toSorted((a, b) => a.atUs - b.atUs)) act();
      decisions.sort((a, b) => a.atUs - b.atUs || a.order - b.order);
      // Where two decisions share an instant their order is nobody's to say.
      fc.pre(decisions.every(({ atUs }, index) => atUs !== decisions[index - 1]?.atUs));
      for (const { atUs, admitted } of decisions) {
        judge.see(START_US + atUs, admitted, admitted ? undefined : 'THROTTLED');
      }
      const { admitted, refused, wrongAdmissions, wrongRefusals } = judge.conclude();
      const [row] = hand.measures.conclude().limiter;
      const expected = { admitted, refused, wrongAdmissions, wrongRefusals };
      expect(
        row ?? { admitted: 0, refused: 0, wrongAdmissions: 0, wrongRefusals: 0 },
      ).toMatchObject(expected);
    }),
  );
});

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
    ...{ p50: 95, p90: 95, p99: 95, max: 95, count: 1 },
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
