// Does the judge from outside accuse only where every instant between asking and answering makes it wrong?

import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import type { OutsideLimit } from '../sim/domain/target-report.ts';
import { type OutsideDecision, OutsideLimits } from '../sim/load/outside-limits.ts';

const RATE = { requestsPerSecond: 5, burst: 5 };

const judged = (
  decisions: readonly Omit<OutsideDecision, 'tenant' | 'tier'>[],
  contract: object = { rate: RATE },
): OutsideLimit => {
  const limits = new OutsideLimits(() => contract, { toleranceUs: 0, shiftUs: 0 });
  for (const each of decisions) limits.see({ tenant: 'clinic-a', tier: 'basic', ...each });
  const [found] = limits.conclude();
  if (found === undefined) throw new Error('nothing was judged');
  return found.limit;
};

/** One ask every 50 ms, answered at once. */
const every50ms = (count: number, decided: (index: number) => OutsideDecision['decided']) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ sentUs: index * 50_000, firstUs: index * 50_000 + 1_000, decided: decided(index) },
  }));

test('an admission beyond the limit is wrong, one within it is not', () => {
  expect(judged(every50ms(40, () => 'admitted'))).toMatchObject({ verdict: 'broken', refused: 0 });
  // Burst 5, then one of four.
  const right = every50ms(40, (index) => (index < 5 || index % 4 === 0 ? 'admitted' : 'refused'));
  expect(judged(right)).toMatchObject({ wrongAdmissions: 0, wrongRefusals: 0, verdict: 'held' });
});

test('a refusal is wrong when a permit was left even of a bucket that began empty', () => {
  const stingy = every50ms(80, (index) => (index % 20 === 0 ? 'admitted' : 'refused'));
  const { wrongRefusals, verdict } = judged(stingy);
  expect(wrongRefusals).toBeGreaterThan(20);
  expect(verdict).toBe('broken');
});

test('what one slow answer excuses is told as what could be wrong', () => {
  const fast = every50ms(40, () => 'admitted');
  const { wrongAdmissions } = judged(fast);
  expect(wrongAdmissions).toBeGreaterThan(20);
  expect(judged(fast).couldBeWrong).toBe(0);
  const slow = [...fast, { sentUs: 9_000_000, firstUs: 19_000_000, decided: 'admitted' as const }];
  const excused = judged(slow);
  expect(excused).toMatchObject({ wrongAdmissions: 0, couldBeWrong: wrongAdmissions });
  const refused = every50ms(80, (index) => (index % 20 === 0 ? 'admitted' : 'refused'));
  const late = { sentUs: 9_000_000, firstUs: 19_000_000, decided: 'refused' as const };
  expect(judged([...refused, late])).toMatchObject({ wrongRefusals: 0 });
  expect(judged([...refused, late]).couldBeWrong).toBeGreaterThan(20);
});

test('refusals are not judged where a quota may have been used before, unless they name the rate', () => {
  const stingy = every50ms(80, (index) => (index % 20 === 0 ? 'admitted' : 'refused'));
  const contract = { rate: RATE, quota: { requests: 50, period: 'day', resetOffsetMinutes: 0 } };
  expect(judged(stingy, contract)).toMatchObject({ refusalsJudged: 0, wrongRefusals: 0 });
  const named = stingy.map((each) => ({ ...each, by: 'rate' as const }));
  expect(judged(named, contract).wrongRefusals).toBeGreaterThan(20);
});

test('where answers take too long to tell it is inconclusive, where little was asked not exercised', () => {
  const slow = every50ms(20, () => 'admitted').map((each) => ({
    ...each,
    firstUs: each.sentUs + 10_000_000,
  }));
  expect(judged(slow).verdict).toBe('inconclusive');
  expect(judged(every50ms(3, () => 'admitted')).verdict).toBe('not exercised');
  expect(
    judged(
      every50ms(40, () => 'admitted'),
      {},
    ).verdict,
  ).toBe('not promised');
});

/** Asks with the time to and after the decision of each, in microseconds. */
const asks = fc.array(
  fc.record({
    gapUs: fc.integer({ min: 0, max: 250_000 }),
    toUs: fc.integer({ min: 0, max: 300_000 }),
    backUs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000_000 })),
    fails: fc.boolean(),
  }),
  { maxLength: 80, size: 'max' },
);

property.prop([asks, fc.integer({ min: 0, max: 5 }), fc.constantFrom(0.01, 0.1, 1)], {
  numRuns: 400,
})(
  'a limiter that keeps its promise is never accused, whatever it had left and however slow the way',
  (given, left, pace) => {
    let sentUs = 1_000_000_000;
    const sent = given.map((each) => {
      sentUs += each.gapUs;
      return { ...each, sentUs, decidedUs: sentUs + Math.round(each.toUs * pace) };
    });
    let permits = left;
    let lastUs = 0;
    const decisions = sent
      .toSorted((a, b) => a.decidedUs - b.decidedUs)
      .map(({ sentUs: askedUs, decidedUs, backUs, fails }) => {
        const grown = lastUs === 0 ? 0 : ((decidedUs - lastUs) / 1e6) * RATE.requestsPerSecond;
        permits = Math.min(RATE.burst, permits + grown);
        lastUs = decidedUs;
        const isAdmitted = permits >= 1;
        if (isAdmitted) permits -= 1;
        const decided = isAdmitted ? (fails ? 'unknown' : 'admitted') : 'refused';
        return {
          sentUs: askedUs,
          firstUs: decidedUs + Math.round(backUs * pace),
          decided,
        } as const;
      });
    if (decisions.length === 0) return;
    expect(judged(decisions)).toMatchObject({ wrongAdmissions: 0, wrongRefusals: 0 });
  },
);
