// Does the judge agree with the definitions? Random contracts and decisions, judged by both.

import type { Limit } from '../domain/contract.ts';
import { type Period, parseInstantUs } from '../kernel/calendar.ts';
import { Chance } from '../kernel/chance.ts';
import { DAY_US, HOUR_US, SECOND_US } from '../kernel/clock.ts';
import { ContractJudge, type Decided, oracleCounts, oracleExcess } from '../measures.ts';

/** What judge and oracle say of one trace, where they do not agree. */
export interface Disagreement {
  readonly trial: number;
  readonly limits: readonly Limit[];
  readonly trace: readonly Decided[];
  readonly said: string;
}

export interface JudgeTrial {
  readonly decisions: number;
  readonly traces: number;
  /** Of the decisions, by the oracle: a trial without both kinds shows nothing. */
  readonly wrongAdmissions: number;
  readonly wrongRefusals: number;
  readonly disagreements: number;
  readonly first: Disagreement | undefined;
}

/** The oracle costs the square of it; long enough for three windows of every kind. */
const TRACE_LENGTH = 20;

/**
 * Judges at least so many decisions, in traces of 20 by one or two keys on one or two limits, which
 * each key has or all together, and in whose name some refusals are. `goesOn` is asked
 * once in five thousand traces.
 */
export const tryJudge = async (
  decisions: number,
  seed: number,
  goesOn: (judged: number) => Promise<boolean> = async () => true,
): Promise<JudgeTrial> => {
  let judged = 0;
  let traces = 0;
  let wrongAdmissions = 0;
  let wrongRefusals = 0;
  let disagreements = 0;
  let first: Disagreement | undefined;
  while (judged < decisions) {
    if (traces % 5000 === 0 && !(await goesOn(judged))) break;
    const chance = new Chance(seed).fork('judge trial', traces);
    const limits = someLimits(chance);
    const trace = someTrace(chance, limits);
    const counts = oracleCounts(limits, trace);
    const said = disagreement(limits, trace, counts);
    if (said !== undefined) {
      disagreements += 1;
      first ??= { trial: traces, limits, trace, said };
    }
    wrongAdmissions += counts.wrongAdmissions;
    wrongRefusals += counts.wrongRefusals;
    judged += trace.length;
    traces += 1;
  }
  return { decisions: judged, traces, wrongAdmissions, wrongRefusals, disagreements, first };
};

const disagreement = (
  limits: readonly Limit[],
  trace: readonly Decided[],
  counts: ReturnType<typeof oracleCounts>,
): string | undefined => {
  const judge = new ContractJudge({ limits });
  for (const { key, atUs, admitted, by } of trace) judge.see(key, atUs, admitted, by);
  const verdict = judge.conclude();
  if (verdict.wrongAdmissions !== counts.wrongAdmissions)
    return `${verdict.wrongAdmissions} wrong admissions, where there are ${counts.wrongAdmissions}`;
  if (verdict.wrongRefusals !== counts.wrongRefusals)
    return `${verdict.wrongRefusals} wrong refusals, where there are ${counts.wrongRefusals}`;
  for (const [index, limit] of limits.entries()) {
    const { worst } = verdict.limits[index] ?? {};
    const excess = worst === undefined ? Number.NEGATIVE_INFINITY : worst.admitted - worst.allowed;
    const least = oracleExcess(limit, trace);
    if (excess !== least) return `${limit.name}: ${excess} beyond its worst, where it is ${least}`;
  }
  return undefined;
};

/** Before a reset, and on the day before New York's clocks go forward. */
const STARTS_US = ['2026-07-14T23:59:50Z', '2026-03-07T10:59:50Z', '2026-02-28T23:59:50Z'].map(
  (text) => parseInstantUs(text) ?? 0,
) as [number, number, number];

const someLimits = (chance: Chance): readonly Limit[] => {
  const one = someLimit(chance, 'one');
  return chance.happens(0.3) ? [one, someLimit(chance, 'two')] : [one];
};

const someLimit = (chance: Chance, name: string): Limit => {
  const scope = chance.pick<Limit['scope']>(['key', 'key', 'all']);
  const named = { name, scope } as const;
  const requests = chance.integer(1, 4);
  const windowUs = chance.pick([1, 7, 1000, 333_333, SECOND_US, 10 * SECOND_US]);
  switch (chance.weighted([2, 1, 1, 1, 1, 0.3])) {
    case 0: {
      const permitNs = chance.pick([1, 999, 333_333_333, 500_000_000, 10_000_000_000]);
      const kind = chance.pick<'token-bucket' | 'gcra'>(['token-bucket', 'gcra']);
      return { ...named, kind, permitNs, burst: requests };
    }
    case 1:
      return { ...named, kind: 'fixed-window', requests, windowUs, begins: 'epoch' };
    case 2:
      return { ...named, kind: 'fixed-window', requests, windowUs, begins: 'first-request' };
    case 3:
      return { ...named, kind: 'sliding-log', requests, windowUs };
    case 4:
      return { ...named, kind: 'sliding-counter', requests, windowUs };
    default: {
      const zone = chance.pick(['UTC', 'America/New_York', 'Asia/Kathmandu']);
      const period = chance.pick<Period>(['day', 'day', 'week', 'month']);
      const resetMinutes = chance.pick([0, 360]);
      return { ...named, kind: 'quota', requests: requests - 1, period, zone, resetMinutes };
    }
  }
};

/** Mostly what a sound limiter might say, with gaps that meet the limits' own edges. */
const someTrace = (chance: Chance, limits: readonly Limit[]): readonly Decided[] => {
  const edges = limits.flatMap(edgesOf);
  const names = limits.map(({ name }) => name) as [string, ...string[]];
  const keys = chance.pick<readonly [string, ...string[]]>([['one'], ['one', 'two']]);
  const share = chance.pick([0.3, 0.6, 0.9]);
  let atUs = chance.pick(STARTS_US) + chance.integer(0, 999_999);
  return Array.from({ length: TRACE_LENGTH }, () => {
    atUs += gapUs(chance, edges);
    const key = chance.pick(keys);
    const admitted = chance.happens(share);
    const by = chance.happens(0.3) ? chance.pick(names) : undefined;
    return { key, atUs, admitted, ...(admitted || by === undefined ? {} : { by }) };
  });
};

const edgesOf = (limit: Limit): readonly number[] => {
  if ('permitNs' in limit) {
    const permitUs = Math.ceil(limit.permitNs / 1000);
    return [permitUs, permitUs - 1, permitUs * limit.burst];
  }
  if (limit.kind === 'quota') return [HOUR_US, DAY_US];
  return [limit.windowUs, limit.windowUs - 1, Math.ceil(limit.windowUs / 3)];
};

const gapUs = (chance: Chance, edges: readonly number[]): number => {
  const mood = chance.float();
  if (mood < 0.3) return 0;
  const edgeUs = edges[chance.integer(0, edges.length - 1)] ?? 1;
  return mood < 0.6 ? edgeUs : chance.integer(0, edgeUs);
};
