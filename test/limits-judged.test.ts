// Are limits judged by what a history shows? Hand-made histories, and whom they accuse.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BearerFacts } from '../sim/domain/ledger.ts';
import { SECOND_US } from '../sim/kernel/clock.ts';
import { LimiterJudge } from '../sim/measures/limiter-judge.ts';
import { UsagePlanLimiter } from '../sim/protocol/limiter.ts';
import { ADMITTED, BASIC, Hand, principalOf, START_US, throttled } from './measures/hand.ts';

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

test('whoever has a permit and is turned away is refused wrongly', () => {
  const hand = new Hand();
  const anna = principalOf('clinic-a');
  hand.refused(0, anna, ADMITTED);
  const { limiter, limits } = hand.measures.conclude();
  expect(limiter[0]).toMatchObject({ admitted: 0, refused: 1, wrongRefusals: 1 });
  expect(limits.findings.map(({ violation }) => violation.operation)).toEqual(['refuse']);
});

test('a door that asks for the rate and then for the quota is judged by what it did in the end', () => {
  const hand = new Hand();
  const anna = principalOf('clinic-a');
  for (let number = 0; number < 50; number += 1) hand.served(number * SECOND_US, anna);
  const spent = { kind: 'refused', by: 'QUOTA_EXCEEDED', retryAfterUs: 1 } as const;
  const request = hand.request(anna);
  hand.arrive(60 * SECOND_US, request);
  hand.permit(60 * SECOND_US, request, ADMITTED);
  hand.permit(60 * SECOND_US, request, spent);
  hand.end(60 * SECOND_US, request, 429, 60 * SECOND_US);
  const { limiter } = hand.measures.conclude();
  expect(limiter[0]).toMatchObject({
    ...{ admitted: 50, refused: 1, wrongAdmissions: 0, wrongRefusals: 0 },
    daily: [{ admitted: 50, refusedByQuota: 1 }],
  });
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
    kind: 'exchange',
    startedUs: START_US + 5,
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
