// How many decisions are judged in a second, and does ten times as many cost ten times as much?

import type { Limit } from '../domain/contract.ts';
import { parseInstantUs } from '../kernel/calendar.ts';
import { Chance } from '../kernel/chance.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { ContractJudge } from '../measures.ts';

export interface JudgeSpeed {
  readonly kind: string;
  readonly decisions: number;
  readonly perSecond: number;
  /** What ten times the decisions cost, in the cost of these. */
  readonly tenfold: number;
  /** Judged wrong: a judge that finds nothing might not look. */
  readonly wrong: number;
}

const NAMED = { name: 'limit', scope: 'key' } as const;
const WINDOW = { ...NAMED, requests: 60, windowUs: 10 * SECOND_US } as const;

export const SPEED_LIMITS: readonly Limit[] = [
  { ...NAMED, kind: 'token-bucket', permitNs: 142_857_143, burst: 60 },
  { ...NAMED, kind: 'gcra', permitNs: 142_857_143, burst: 60 },
  { ...WINDOW, kind: 'fixed-window', begins: 'epoch' },
  { ...WINDOW, kind: 'fixed-window', begins: 'first-request' },
  { ...WINDOW, kind: 'sliding-log' },
  { ...WINDOW, kind: 'sliding-counter' },
  {
    ...NAMED,
    ...{ kind: 'quota', requests: 50_000, period: 'day', zone: 'America/New_York' },
    resetMinutes: 0,
  },
];

const KEYS = 100;
const START_US = parseInstantUs('2026-03-02T00:00:00Z') ?? 0;

/**
 * Judges so many decisions of a hundred keys on each kind of limit, then ten times as many, both
 * `rounds` times; the fastest counts. `clockMs` is real or processor time.
 */
export const judgeSpeed = (
  decisions: number,
  clockMs: () => number,
  rounds = 3,
): readonly JudgeSpeed[] => {
  const gaps = someGaps();
  return SPEED_LIMITS.map((limit) => {
    const kind = limit.kind === 'fixed-window' ? `${limit.kind} from ${limit.begins}` : limit.kind;
    let wrong = 0;
    const costMs = (count: number): number => {
      const beganMs = clockMs();
      wrong = judge(limit, gaps, count);
      return clockMs() - beganMs;
    };
    // Once for the compiler, uncounted.
    costMs(decisions);
    let oneMs = Number.POSITIVE_INFINITY;
    let tenMs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < rounds; round += 1) {
      oneMs = Math.min(oneMs, costMs(decisions));
      tenMs = Math.min(tenMs, costMs(decisions * 10));
    }
    const perSecond = Math.round((decisions * 10_000) / tenMs);
    return { kind, decisions, perSecond, tenfold: tenMs / oneMs, wrong };
  });
};

/** Drawn once and used over and over, so that chance is not what is timed. */
interface Gaps {
  readonly gapsUs: Float64Array;
  readonly keys: readonly string[];
  readonly keyOf: Uint8Array;
  readonly admitted: Uint8Array;
}

const MASK = 0xffff;

const someGaps = (): Gaps => {
  const chance = new Chance(1).fork('judge speed');
  const gapsUs = new Float64Array(MASK + 1);
  const keyOf = new Uint8Array(MASK + 1);
  const admitted = new Uint8Array(MASK + 1);
  let key = 0;
  for (let index = 0; index <= MASK; index += 1) {
    if (chance.happens(0.2)) key = chance.integer(0, KEYS - 1);
    keyOf[index] = key;
    gapsUs[index] = chance.integer(0, 3000);
    admitted[index] = chance.happens(0.8) ? 1 : 0;
  }
  const keys = Array.from({ length: KEYS }, (_, index) => `tenant-${index}`);
  return { gapsUs, keys, keyOf, admitted };
};

const judge = (limit: Limit, { gapsUs, keys, keyOf, admitted }: Gaps, count: number): number => {
  const one = new ContractJudge({ limits: [limit] });
  let atUs = START_US;
  for (let index = 0; index < count; index += 1) {
    const place = index & MASK;
    atUs += gapsUs[place] as number;
    one.see(keys[keyOf[place] as number] as string, atUs, admitted[place] === 1);
  }
  const { wrongAdmissions, wrongRefusals } = one.conclude();
  return wrongAdmissions + wrongRefusals;
};
