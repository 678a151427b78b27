// Does the judge of every kind of limit say what the definitions say?

import { expect, test } from 'vitest';
import type { Limit } from '../sim/domain/contract.ts';
import { tryJudge } from '../sim/engines/judge-trial.ts';
import { parseInstantUs } from '../sim/kernel/calendar.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { SECOND_US } from '../sim/kernel/clock.ts';
import { Enforcer } from '../sim/limiters.ts';
import { ContractJudge } from '../sim/measures.ts';

test('a million decisions on every kind of limit are judged as the definitions say', async () => {
  const trial = await tryJudge(1_000_000, 1);
  expect(trial.first).toBeUndefined();
  expect(trial).toMatchObject({ decisions: 1_000_000, disagreements: 0 });
  expect(trial.wrongAdmissions).toBeGreaterThan(100_000);
  expect(trial.wrongRefusals).toBeGreaterThan(100_000);
});

// ---- Stamps that are off.

const KEY = { name: 'limit', scope: 'key' } as const;
const WINDOW = { ...KEY, requests: 20, windowUs: SECOND_US } as const;
const LIMITS: readonly Limit[] = [
  { ...KEY, kind: 'token-bucket', permitNs: 50_000_000, burst: 20 },
  { ...WINDOW, kind: 'fixed-window', begins: 'epoch' },
  { ...WINDOW, kind: 'fixed-window', begins: 'first-request' },
  { ...WINDOW, kind: 'sliding-log' },
  { ...WINDOW, kind: 'sliding-counter' },
  { ...KEY, kind: 'quota', requests: 5000, period: 'day', zone: 'Europe/Berlin', resetMinutes: 0 },
];
const START_US = parseInstantUs('2026-03-28T22:55:00Z') ?? 0;

interface Stamped {
  readonly atUs: number;
  readonly admitted: boolean;
}

/** Decisions of an exact limiter, each stamped up to `spreadUs` late, and refusals a spread later. */
const stamped = (limit: Limit, spreadUs: number, seed: number): readonly Stamped[] => {
  const chance = new Chance(seed).fork('stamps');
  const limiter = new Enforcer([limit]);
  let clockUs = START_US;
  return Array.from({ length: 20_000 }, (): Stamped => {
    clockUs += chance.happens(0.1) ? chance.integer(0, 600_000) : chance.integer(0, 20_000);
    const admitted = limiter.admit({ key: 'one', clockUs }).kind === 'admitted';
    const stampUs = clockUs + chance.integer(0, spreadUs);
    return { atUs: admitted ? stampUs : stampUs + spreadUs, admitted };
  }).toSorted((a, b) => a.atUs - b.atUs);
};

const judged = (limit: Limit, trace: readonly Stamped[], toleranceUs: number) => {
  const judge = new ContractJudge({ limits: [limit] }, toleranceUs);
  for (const { atUs, admitted } of trace) judge.see('one', atUs, admitted);
  return judge.conclude();
};

test.each(LIMITS)(
  'stamps within the tolerance accuse no $kind, and without one they do',
  (limit) => {
    const spreadUs = 30_000;
    for (const seed of [1, 2, 3]) {
      const trace = stamped(limit, spreadUs, seed);
      const fair = judged(limit, trace, 2 * spreadUs);
      expect([fair.wrongAdmissions, fair.wrongRefusals]).toEqual([0, 0]);
      const strict = judged(limit, trace, 0);
      // A quota has one edge in all that time, where stamps may happen to do no harm.
      if (limit.kind === 'quota') continue;
      expect(strict.wrongAdmissions + strict.wrongRefusals).toBeGreaterThan(0);
    }
  },
);

test.each(LIMITS)(
  'a quarter more or a fifth less than $kind promises is seen through the tolerance',
  (limit) => {
    const spreadUs = 10_000;
    const by = (factor: number): Limit =>
      'permitNs' in limit
        ? { ...limit, permitNs: limit.permitNs / factor, burst: Math.round(limit.burst * factor) }
        : { ...limit, requests: Math.round(limit.requests * factor) };
    const generous = judged(limit, stamped(by(1.25), spreadUs, 4), 2 * spreadUs);
    expect(generous.wrongAdmissions).toBeGreaterThan(0);
    const mean = judged(limit, stamped(by(0.8), spreadUs, 4), 2 * spreadUs);
    expect(mean.wrongRefusals).toBeGreaterThan(0);
  },
);
