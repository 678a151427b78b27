// How many decisions can a limiter make, and its judge judge, in a second?

import type { LimitContract, Permit } from '../../sim/domain/limit.ts';
import { Chance } from '../../sim/kernel/chance.ts';
import { LimiterJudge } from '../../sim/measures/limiter-judge.ts';
import { UsagePlanLimiter } from '../../sim/protocol/limiter.ts';
import { processorUs } from './play.ts';
import { interleaved, median } from './ratio.ts';
import { type Bench, figure, figures, type Shown, words } from './show.ts';

const KEYS = 1_000;
const DECISIONS = 500_000;
const ROUNDS = 5;
/** 2026-03-02T00:00:00Z. */
const START_US = 1_772_409_600_000_000;

const BASIC: LimitContract = {
  rate: { requestsPerSecond: 2, burst: 5 },
  quota: { requests: 50, period: 'day', resetOffsetMinutes: 0 },
};
/** What a limiter with one permit too many in its burst believes was promised. */
const GENEROUS: LimitContract = { ...BASIC, rate: { requestsPerSecond: 2, burst: 6 } };

/** A call of one key. */
interface Call {
  readonly key: number;
  readonly atUs: number;
}

interface Judged {
  readonly admitted: number;
  readonly wrong: number;
}

export const limiter: Bench = {
  name: 'limiter',
  question: 'decisions made and judged in a second',
  run: async ({ rounds = ROUNDS }) => {
    const calls = callsOfDays();
    const permits = decided(calls, BASIC);
    const works: Readonly<Record<string, () => unknown>> = {
      'made by the limiter': () => decided(calls, BASIC),
      'judged by the judge': () => judged(calls, permits),
      'made and judged': () => judged(calls, decided(calls, BASIC)),
    };
    // Once for the compiler, uncounted.
    for (const work of Object.values(works)) work();
    const times = new Map(Object.keys(works).map((name) => [name, [] as number[]]));
    for (const [name, work] of interleaved(Object.entries(works), rounds)) {
      const beganUs = processorUs();
      work();
      times.get(name)?.push(processorUs() - beganUs);
    }
    return [shown(times, judged(calls, permits), judged(calls, decided(calls, GENEROUS)))];
  },
};

/** Bursts and silences over some days, in order of time: the quota runs out, and comes back. */
const callsOfDays = (): readonly Call[] => {
  const chance = new Chance(1).fork('limiter bench');
  let atUs = START_US;
  let key = 0;
  return Array.from({ length: DECISIONS }, () => {
    const isNext = chance.happens(0.2);
    if (isNext) key = chance.integer(0, KEYS - 1);
    atUs += isNext ? chance.integer(0, 6_000_000) : chance.integer(0, 200_000);
    return { key, atUs };
  });
};

const decided = (calls: readonly Call[], contract: LimitContract): readonly Permit[] => {
  const usagePlan = new UsagePlanLimiter();
  const names = Array.from({ length: KEYS }, (_, key) => `clinic-${key}`);
  return calls.map(({ key, atUs }) => usagePlan.admit(names[key] ?? '', contract, atUs));
};

const judged = (calls: readonly Call[], permits: readonly Permit[]): Judged => {
  const judges = Array.from({ length: KEYS }, () => new LimiterJudge(BASIC));
  for (const [turn, { key, atUs }] of calls.entries()) {
    const permit = permits[turn];
    if (permit?.kind === 'admitted') judges[key]?.see(atUs, true);
    if (permit?.kind === 'refused') judges[key]?.see(atUs, false, permit.by);
  }
  const verdicts = judges.map((judge) => judge.conclude());
  return {
    admitted: verdicts.reduce((sum, { admitted }) => sum + admitted, 0),
    wrong: verdicts.reduce((sum, one) => sum + one.wrongAdmissions + one.wrongRefusals, 0),
  };
};

const shown = (
  times: ReadonlyMap<string, readonly number[]>,
  sound: Judged,
  generous: Judged,
): Shown => ({
  title: `limiter: ${figure(DECISIONS)} decisions of ${figure(KEYS)} keys, by processor time`,
  columns: [words('decisions'), ...figures('a second', 'ns each')],
  rows: [...times].map(([name, all]) => {
    const us = median(all);
    return [name, figure((DECISIONS * 1_000_000) / us), figure((us * 1000) / DECISIONS)];
  }),
  notes: [
    `${figure(sound.admitted)} were admitted; ${figure(sound.wrong)} decisions were judged wrong.`,
    `With one permit too many in the burst ${figure(generous.wrong)} were: the judge does judge.`,
  ],
  complaints: [
    ...(sound.wrong === 0 ? [] : [`I6: the reference limiter made ${sound.wrong} wrong decisions`]),
    ...(generous.wrong > 0 ? [] : ['the judge let a limiter pass that is too generous']),
  ],
});
