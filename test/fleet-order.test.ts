// Are the decisions of several front doors judged as one limiter's, whatever order their answers came in?

import { expect, test } from 'vitest';
import type { DoorDecision } from '../sim/domain/fleet-report.ts';
import { judgeFleet } from '../sim/measures/fleet-limits.ts';

const decision = (
  askedUs: number,
  answeredUs: number,
  admitted: boolean,
  tenant = 'clinic-a:1',
): DoorDecision => ({
  ...{ tenant, tier: 'basic', membership: `${tenant}/dr.lee`, plannedUs: askedUs },
  ...{ askedUs, answeredUs, admitted, by: admitted ? null : 'THROTTLED' },
});

const judged = (...doors: readonly (readonly DoorDecision[])[]) =>
  judgeFleet(
    doors.map((decisions) => ({ decisions, undecided: [] })),
    {
      limiter: 'redis',
      limitsOf: () => ({ rate: { requestsPerSecond: 0.5, burst: 3 } }),
      clockErrorUs: 2_000,
    },
  );

test('a refusal beside the admission that took the last permit is right, whichever was asked first', () => {
  const spent = [decision(0, 1_000, true), decision(0, 1_000, true)];
  const refused = decision(1_000_000, 1_040_000, false);
  const admitted = decision(1_005_000, 1_030_000, true);
  expect(judged([...spent, refused], [admitted])).toMatchObject({
    wrongAdmissions: 0,
    wrongRefusals: 0,
  });
});

test('a refusal while a permit was there is wrong, and so is an admission too many', () => {
  expect(judged([decision(0, 1_000, false)], []).wrongRefusals).toBe(1);
  const four = [0, 1, 2, 3].map((ms) => decision(ms * 1000, ms * 1000 + 500, true));
  expect(judged(four.slice(0, 2), four.slice(2)).wrongAdmissions).toBe(1);
});

test('an answer that one tenant waited for long excuses no other tenant', () => {
  const four = [0, 1, 2, 3].map((ms) => decision(ms * 1000, ms * 1000 + 500, true));
  const slow = decision(10_000_000, 12_000_000, true, 'clinic-b:1');
  expect(judged(four, [slow])).toMatchObject({ wrongAdmissions: 1, toleranceUs: 2_002_000 });
});
