// How does a test write a history by hand, as a recorder would?

import { Recent } from '../../sim/domain/finding.ts';
import type { HistoryEvent, RequestFacts } from '../../sim/domain/history.ts';
import type { LimitContract, Permit } from '../../sim/domain/limit.ts';
import type { Principal } from '../../sim/domain/principal.ts';
import { SECOND_US } from '../../sim/kernel/clock.ts';
import { type Bound, Measures, Samples } from '../../sim/measures.ts';

export const START_US = Date.UTC(2026, 2, 2) * 1000;
export const BASIC: LimitContract = {
  rate: { requestsPerSecond: 2, burst: 5 },
  quota: { requests: 50, period: 'day', resetOffsetMinutes: 0 },
};
export const PREMIUM: LimitContract = { rate: { requestsPerSecond: 10, burst: 20 } };
export const ADMITTED: Permit = { kind: 'admitted' };
export const throttled: Permit = { kind: 'refused', by: 'THROTTLED', retryAfterUs: 1 };

export const principalOf = (tenant: string, tier = 'basic', life = 1): Principal => ({
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
export class Hand {
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
    this.write(atUs, {
      kind: 'permitted',
      request,
      askedUs: START_US + atUs,
      hop: 1,
      limiter,
      key,
      contract,
      permit,
    });
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

export const bound = (
  metric: 'latency_ms' | 'policy_latency_us',
  aggregation: 'p95' | 'count' | 'max',
  operator: Bound['operator'],
  value: number,
): Bound => ({
  text: `${metric}: ${aggregation} ${operator} ${value}`,
  ...{ tier: undefined, tenant: undefined, metric, aggregation, operator, bound: value },
});

export const valueBound = (
  metric: 'wrong_decisions' | 'refused_share',
  tenant?: string,
): Bound => ({
  text: metric,
  ...{ tier: undefined, tenant, metric, aggregation: 'value', operator: '==', bound: 0 },
});
