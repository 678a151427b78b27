// How well do limiters keep a contract? Each under each pattern, judged; and those with seeded faults.

import { impliedLimits } from '../domain/ceiling.ts';
import { type Band, type Contract, type Limit, scaled } from '../domain/contract.ts';
import type {
  AdversaryRow,
  Envelope,
  LimiterFaultRow,
  LimiterRow,
  WorstStretch,
} from '../domain/limiter-report.ts';
import { shareOf } from '../domain/share.ts';
import { formatInstant } from '../kernel/calendar.ts';
import { Chance } from '../kernel/chance.ts';
import { ASSUMED_BAND, Enforcer, type LimiterFault, type LimiterPlan } from '../limiters.ts';
import type { Stretch } from '../measures/limiter-judge/busiest-window.ts';
import type { ContractVerdict } from '../measures.ts';
import { type Attack, attack } from './limiter-bench/adversary.ts';
import { envelopeOf } from './limiter-bench/envelope.ts';
import { PATTERNS, type Pattern } from './limiter-bench/patterns.ts';
import { admittedExactly, judgePlayed, type Played, play } from './limiter-bench/play.ts';
import { tempoOf } from './limiter-bench/tempo.ts';

export { type Attack, attack } from './limiter-bench/adversary.ts';
export { PATTERNS, type Pattern } from './limiter-bench/patterns.ts';
export { type Paced, type WallRow, wallBench } from './limiter-bench/wall-bench.ts';

/** How a limiter is tried. */
export interface BenchTerms {
  readonly decisions: number;
  readonly seed: number;
  /** Real time, for decisions a second. */
  readonly wallMs: () => number;
  /** Whether the user asked for this limiter, and so holds it to the contract. */
  readonly isAsked: boolean;
  /** What an exact limiter admits of open patterns, by pattern; remembered from one to the next. */
  readonly exactly?: Map<string, number>;
}

/** One limiter under one pattern, and what it let through against what was allowed. */
export const benchLimiter = (
  plan: LimiterPlan,
  pattern: Pattern,
  contract: Contract,
  { decisions, seed, wallMs, isAsked, exactly }: BenchTerms,
): { readonly row: LimiterRow; readonly envelope: Envelope | undefined } => {
  const tempo = tempoOf(contract);
  const chance = new Chance(seed).fork('limiter', plan.id, pattern.id);
  // The pattern's own chance is the same for every limiter: open patterns bring the same calls.
  const caller = pattern.caller(tempo, new Chance(seed).fork('pattern', pattern.id));
  const played = play(plan.make(contract, chance.fork('limiter')), caller, decisions);
  const keeps = plan.keeps(contract);
  const band = bandOf(contract, keeps);
  const toleranceUs = pattern.spreadUs(tempo);
  const verdict = judgePlayed(contract, played, { toleranceUs, band });
  const exact = exactly?.get(pattern.id) ?? admittedExactly(contract, played);
  if (pattern.isOpen) exactly?.set(pattern.id, exact);
  const row: LimiterRow = {
    limiter: plan.id,
    pattern: pattern.id,
    replicas: plan.replicas,
    clock: 'simulated',
    heldTo: heldTo(keeps, band, isAsked),
    toleranceUs,
    ...judgedRow(verdict, contract),
    drift: verdict.admitted - exact,
    decisionsPerSecond: speed(plan, contract, played, { chance, wallMs }),
    inconclusive: null,
  };
  return { row, envelope: pictured(row, contract, played) };
};

/** What of a row the judge says. */
export const judgedRow = (verdict: ContractVerdict, contract: Contract) => {
  const decisions = verdict.admitted + verdict.refused;
  const worst = furthest(verdict, 'worst');
  const fullest = furthest(verdict, 'fullest');
  return {
    decisions,
    admitted: verdict.admitted,
    wrongAdmissions: shareOf(verdict.wrongAdmissions, decisions),
    wrongRefusals: shareOf(verdict.wrongRefusals, decisions),
    worst,
    fullest,
    unreached: unreachedIn(contract, (_, index) => verdict.limits[index]?.reached === true),
  };
};

const unreachedIn = (
  { limits }: Contract,
  isReached: (limit: Limit, index: number) => boolean,
): readonly string[] => {
  const implied = impliedLimits(limits);
  return limits
    .filter((limit, index) => !isReached(limit, index))
    .map(({ name }) => name)
    .filter((name) => !implied.includes(name));
};

/** Calls of a pattern where the user names no number; assumed. */
const USUAL_DECISIONS = 10_000;

/** Limits that need more calls than these are not reached unless the user asks for more. */
const NEEDED_MAX = 200_000;

/** So many calls that the pattern has met every limit, within reason. */
export const usualDecisions = (pattern: Pattern, contract: Contract): number =>
  Math.max(USUAL_DECISIONS, Math.min(NEEDED_MAX, pattern.needs(tempoOf(contract))));

/** A band that the contract states, or that is assumed of a limiter that keeps no more. */
export const bandOf = (contract: Contract, keeps: 'exactly' | 'band' | 'not'): Band | undefined =>
  contract.bestEffort ?? (keeps === 'band' ? ASSUMED_BAND : undefined);

const heldTo = (
  keeps: 'exactly' | 'band' | 'not',
  band: Band | undefined,
  isAsked: boolean,
): LimiterRow['heldTo'] => {
  if (keeps === 'not' && !isAsked) return 'nothing';
  return band === undefined ? 'contract' : 'band';
};

/** The worst that a search finds against one limiter, within a band by its upper end. */
export const benchAdversary = (
  plan: LimiterPlan,
  contract: Contract,
  { seed, wallMs, isAsked }: Omit<BenchTerms, 'decisions'>,
): AdversaryRow | undefined => {
  const chance = new Chance(seed).fork('adversary', plan.id);
  const keeps = plan.keeps(contract);
  const band = bandOf(contract, keeps);
  const promised = band === undefined ? contract : scaled(contract, band.overshoot);
  const beganMs = wallMs();
  const make = () => plan.make(contract, chance.fork('limiter'));
  const found = attack(make, promised, chance.fork('search'));
  const seconds = (wallMs() - beganMs) / 1000;
  if (found === undefined) return undefined;
  const { steps, reached, ...figures } = found;
  return {
    limiter: plan.id,
    heldTo: heldTo(keeps, band, isAsked),
    unreached: unreachedIn(contract, ({ name }) => reached.has(name)),
    ...{ ...figures, seconds, attack: wordsOf(steps) },
  };
};

/** Every limiter with a seeded fault, under all patterns, and the sound one of its contract. */
export const benchFaults = async (
  faults: readonly LimiterFault[],
  terms: Pick<BenchTerms, 'decisions' | 'seed'>,
  goesOn: (row: LimiterFaultRow) => Promise<boolean> = async () => true,
): Promise<readonly LimiterFaultRow[]> => {
  const controls = new Map<Contract, number>();
  const rows: LimiterFaultRow[] = [];
  for (const fault of faults) {
    const { contract } = fault;
    const known = controls.get(contract);
    const control =
      known ??
      underPatterns(contract, () => new Enforcer(contract.limits), terms).reduce(
        (sum, { verdict }) => sum + verdict.wrongAdmissions + verdict.wrongRefusals,
        0,
      );
    controls.set(contract, control);
    const row = faultRow(fault, underPatterns(contract, fault.make, terms), control);
    rows.push(row);
    if (!(await goesOn(row))) break;
  }
  return rows;
};

interface UnderPattern {
  readonly pattern: string;
  readonly verdict: ContractVerdict;
}

const underPatterns = (
  contract: Contract,
  make: LimiterFault['make'],
  { decisions, seed }: Pick<BenchTerms, 'decisions' | 'seed'>,
): readonly UnderPattern[] => {
  const tempo = tempoOf(contract);
  return PATTERNS.map((pattern) => {
    const caller = pattern.caller(tempo, new Chance(seed).fork('pattern', pattern.id));
    const toleranceUs = pattern.spreadUs(tempo);
    const played = play(make(), caller, decisions);
    const verdict = judgePlayed(contract, played, { toleranceUs, band: undefined });
    return { pattern: pattern.id, verdict };
  });
};

const faultRow = (
  fault: LimiterFault,
  seen: readonly UnderPattern[],
  control: number,
): LimiterFaultRow => {
  const { id, does, harm, contract } = fault;
  const admits = seen.reduce((sum, { verdict }) => sum + verdict.wrongAdmissions, 0);
  const refuses = seen.reduce((sum, { verdict }) => sum + verdict.wrongRefusals, 0);
  return {
    ...{ id, does, harm, contract: contract.name, control },
    caught: seenIn(fault, admits, refuses) > 0,
    patterns: seen
      .filter(({ verdict }) => seenIn(fault, verdict.wrongAdmissions, verdict.wrongRefusals) > 0)
      .map(({ pattern }) => pattern),
    wrongAdmissions: admits,
    wrongRefusals: refuses,
  };
};

const seenIn = ({ harm }: LimiterFault, admits: number, refuses: number): number => {
  if (harm === 'either') return admits + refuses;
  return harm === 'admits' ? admits : refuses;
};

const furthest = (verdict: ContractVerdict, which: 'worst' | 'fullest'): WorstStretch | null => {
  let found: (Stretch & { readonly limit: string }) | undefined;
  for (const limit of verdict.limits) {
    const stretch = limit[which];
    if (stretch === undefined) continue;
    const excess = stretch.admitted - stretch.allowed;
    if (found === undefined || excess > found.admitted - found.allowed)
      found = { ...stretch, limit: limit.name };
  }
  if (found === undefined) return null;
  const { limit, fromUs, toUs, admitted, allowed } = found;
  return { limit, from: formatInstant(fromUs), lengthUs: toUs - fromUs, admitted, allowed };
};

/** Made once more by a new limiter, with nothing else to do. */
const speed = (
  plan: LimiterPlan,
  contract: Contract,
  { calls, answers }: Played,
  { chance, wallMs }: { readonly chance: Chance; readonly wallMs: () => number },
): number => {
  const limiter = plan.make(contract, chance.fork('limiter'));
  let admitted = 0;
  const beganMs = wallMs();
  for (const call of calls) if (limiter.admit(call).kind === 'admitted') admitted += 1;
  const tookMs = Math.max(1e-3, wallMs() - beganMs);
  const before = answers.filter(({ kind }) => kind === 'admitted').length;
  if (admitted !== before) throw new Error(`${plan.id} decides differently when asked again`);
  return Math.round((calls.length * 1000) / tookMs);
};

const pictured = (
  { limiter, pattern, toleranceUs }: LimiterRow,
  contract: Contract,
  played: Played,
): Envelope | undefined => {
  const limit = contract.limits.find(({ kind }) => kind !== 'quota');
  if (limit === undefined) return undefined;
  const points = envelopeOf(limit, played, toleranceUs);
  const lengthUs = points.at(-1)?.lengthUs ?? 0;
  return { limiter, pattern, limit: limit.name, lengthUs, points };
};

const wordsOf = (steps: Attack['steps']): readonly string[] =>
  steps.map(({ waitUs, calls, spacingUs, replicas }) =>
    [
      `after ${waitUs} µs ${calls} ${calls === 1 ? 'call' : 'calls'}`,
      ...(calls === 1 ? [] : [spacingUs === 0 ? 'at once' : `${spacingUs} µs apart`]),
      ...(replicas === 'each' && calls > 1 ? ['of all replicas in turn'] : []),
    ].join(' '),
  );
