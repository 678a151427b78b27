// Does the judge of every kind of limit say what the definitions say?

import { expect, test, vi } from 'vitest';
import type { Limit } from '../sim/domain/contract.ts';
import { tryJudge } from '../sim/engines/judge-trial.ts';
import { parseInstantUs } from '../sim/kernel/calendar.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { SECOND_US } from '../sim/kernel/clock.ts';
import { Enforcer } from '../sim/limiters.ts';
import { ContractJudge, type Decided, oracleCounts, oracleExcess } from '../sim/measures.ts';

test('a million decisions on every kind of limit are judged as the definitions say', async () => {
  const trial = await tryJudge(1_000_000, 1);
  expect(trial.first).toBeUndefined();
  expect(trial).toMatchObject({ decisions: 1_000_000, disagreements: 0 });
  expect(trial.wrongAdmissions).toBeGreaterThan(100_000);
  expect(trial.wrongRefusals).toBeGreaterThan(100_000);
});

const BURST_OF_ONE = { kind: 'gcra', permitNs: 1_000_000_000, burst: 1 } as const;

/** What judge and oracle both say of decisions at one instant on a limit `one` and one `two`. */
const both = (
  scope: Limit['scope'],
  ...decided: readonly (readonly [key: string, admitted: boolean, by?: string])[]
) => {
  const limits: readonly Limit[] = [
    { ...BURST_OF_ONE, name: 'one', scope },
    { ...BURST_OF_ONE, name: 'two', scope, burst: 9 },
  ];
  const judge = new ContractJudge({ limits });
  const trace = decided.map(([key, admitted, by]): Decided => {
    judge.see(key, 7, admitted, by);
    return { key, atUs: 7, admitted, ...(by === undefined ? {} : { by }) };
  });
  const { wrongAdmissions, wrongRefusals } = judge.conclude();
  expect(oracleCounts(limits, trace)).toEqual({ wrongAdmissions, wrongRefusals });
  expect(limits.map((limit) => oracleExcess(limit, trace))).toEqual(
    judge.conclude().limits.map(({ worst }) => (worst?.admitted ?? 0) - (worst?.allowed ?? 0)),
  );
  return [wrongAdmissions, wrongRefusals];
};

test('what each key has and what all share, and in whose name it was refused, both ask', () => {
  const admissions = [
    ['ada', true],
    ['bob', true],
  ] as const;
  expect(both('key', ...admissions)).toEqual([0, 0]);
  expect(both('all', ...admissions)).toEqual([1, 0]);
  expect(both('all', ['ada', true], ['bob', false])).toEqual([0, 0]);
  expect(both('key', ['ada', true], ['bob', false])).toEqual([0, 1]);
  expect(both('key', ['ada', true], ['ada', false, 'one'])).toEqual([0, 0]);
  expect(both('key', ['ada', true], ['ada', false, 'two'])).toEqual([0, 1]);
});

test('a trial meets several keys, shared limits and names, and not only one of each', async () => {
  const see = vi.spyOn(ContractJudge.prototype, 'see');
  await tryJudge(2000, 1);
  const said = see.mock.calls.map(([key, , , by]) => `${key} ${by ?? 'no name'}`);
  see.mockRestore();
  for (const one of ['one no name', 'one one', 'two one', 'two two']) expect(said).toContain(one);
});

test('a share that ends at a whole request is not rounded beyond it', () => {
  const counter = { name: 'one', scope: 'key', kind: 'sliding-counter' } as const;
  const limit: Limit = { ...counter, requests: 100, windowUs: 100_000 };
  const judge = new ContractJudge({ limits: [limit] });
  const trace: Decided[] = [];
  const admit = (times: number, atUs: number): void => {
    for (let call = 0; call < times; call += 1) {
      judge.see('ada', atUs, true);
      trace.push({ key: 'ada', atUs, admitted: true });
    }
  };
  admit(100, 99_999);
  admit(93, 193_000);
  const { wrongAdmissions, limits } = judge.conclude();
  expect(wrongAdmissions).toBe(0);
  expect(limits[0]?.worst).toMatchObject({ admitted: 100, allowed: 100 });
  expect(oracleExcess(limit, trace)).toBe(0);
});

test('a share beyond 2^53 is whole too', () => {
  const windowUs = 30 * 86_400 * SECOND_US;
  const requests = 1000;
  const limit: Limit = { name: 'one', scope: 'key', kind: 'sliding-counter', requests, windowUs };
  const judge = new ContractJudge({ limits: [limit] });
  for (let call = 0; call < 7000; call += 1) judge.see('ada', windowUs - 1, true);
  judge.see('ada', windowUs + 1, true);
  // Seven thousand less a sliver, rounded up.
  expect(judge.conclude().limits[0]?.worst?.admitted).toBe(7001);
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
