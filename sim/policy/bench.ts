// What does a decision take, in which way of asking, among how many policies and entities, and why?

import type {
  BenchedMemory,
  BenchedWay,
  EntitiesRow,
  Estimate,
  PoliciesRow,
  WayName,
} from '../domain/policy-bench.ts';
import type { PolicyQuestion } from '../domain/ports.ts';
import { Chance } from '../kernel/chance.ts';
import { appliesTo, type LoadedPolicy, PolicyEngine, type PolicySet } from '../protocol/cedar.ts';
import { answerText, askedOf, naively, prepared, refused } from './bench/calls.ts';
import {
  controlled,
  isOff,
  quantileEstimate,
  quantileOf,
  ratioOf,
  sorted,
} from './bench/intervals.ts';
import { type BenchPolicy, elsewhere, morePolicies } from './bench/more-policies.ts';
import { type Effort, timed, type Work } from './bench/rounds.ts';
import type { PlacedTool } from './space.ts';

export type { Effort } from './bench/rounds.ts';

/** A question, and the tool that it is about. */
export interface BenchQuestion {
  readonly tool: PlacedTool;
  readonly question: PolicyQuestion;
}

/** As many policies as an engine of AgentCore takes at most. */
const POLICIES = [1, 10, 100, 1000];
const ENTITIES = [0, 1, 5, 50, 500];
/** The caller, and the action with its groups: what a question needs. */
const NEEDED = 2;

/** The folder's own policies, asked its questions in turn, in every way. */
export const benchWays = (
  set: PolicySet,
  questions: readonly BenchQuestion[],
  { effort, seed }: { readonly effort: Effort; readonly seed: number },
): readonly BenchedWay[] => {
  const works = inTurn(questions.map((asked) => waysOf(set, asked)));
  // Questions differ in what they take, so that only whole laps through all of them compare.
  const times = timed({ ...works, control: works.sliced }, effort, questions.length);
  const chance = new Chance(seed).fork('ways');
  const ratio = (name: keyof typeof times): Estimate =>
    ratioOf(times[name].roundsUs, times.sliced.roundsUs, chance.fork(name));
  const control = ratio('control');
  return (Object.keys(works) as WayName[]).map((way) => {
    const { callsUs } = times[way];
    return {
      way,
      samples: callsUs.length,
      p50Us: quantileEstimate(callsUs, 0.5),
      p90Us: quantileEstimate(callsUs, 0.9),
      p99Us: quantileEstimate(callsUs, 0.99),
      ratio: controlled(ratio(way), control),
    };
  });
};

const waysOf = (
  set: PolicySet,
  { tool, question }: BenchQuestion,
): Record<WayName, () => unknown> => {
  const applicable = set.policies.filter(({ json }) => appliesTo(json, tool));
  const asked = askedOf(tool, question, NEEDED);
  const engine = new PolicyEngine(set, { cacheEntries: 0 });
  const remembering = new PolicyEngine(set);
  const naive = naively(asked, set.policies);
  const whole = prepared(asked, set.policies, WHOLE);
  // One place each, for the questions take turns.
  const sliced = prepared(asked, applicable, `bench ${tool.target} ${tool.name}`);
  const [expected, ...others] = [naive, whole, sliced].map((call) => answerText(call()));
  if (others.some((answer) => answer !== expected))
    throw new Error(`ways of asking answer differently: ${expected} and ${others.join(', ')}`);
  return {
    naive,
    prepared: whole,
    sliced,
    engine: () => engine.decide(question),
    remembered: () => remembering.decide(question),
  };
};

const WHOLE = 'bench whole';
const SLICED = 'bench sliced';
const MOVED = 'bench moved';
const EMPTY = 'bench empty';

const inTurn = (all: readonly Record<WayName, () => unknown>[]): Record<WayName, Work> => {
  const turn =
    (way: WayName): Work =>
    (call) =>
      all[call % all.length]?.[way]();
  return {
    naive: turn('naive'),
    prepared: turn('prepared'),
    sliced: turn('sliced'),
    engine: turn('engine'),
    remembered: turn('remembered'),
  };
};

/** One question among 1, 10, 100 and 1,000 policies: the folder's own, and copies of them. */
export const benchPolicies = (
  { policies }: PolicySet,
  { tool, question }: BenchQuestion,
  { effort, seed }: { readonly effort: Effort; readonly seed: number },
): readonly PoliciesRow[] => {
  const applicable = policies.filter(({ json }) => appliesTo(json, tool));
  const others = policies.filter(({ json }) => !appliesTo(json, tool));
  const asked = askedOf(tool, question, NEEDED);
  return POLICIES.map((count) => {
    const all = morePolicies(applicable, others, count);
    const own = all.slice(0, Math.min(count, applicable.length));
    const sliced = prepared(asked, own, SLICED);
    const works = {
      naive: naively(asked, all),
      prepared: prepared(asked, all, WHOLE),
      sliced,
      control: sliced,
    };
    const times = timed(works, effort);
    const chance = new Chance(seed).fork('policies', count);
    const control = ratioOf(times.control.roundsUs, times.sliced.roundsUs, chance.fork('control'));
    const ratio = (name: 'naive' | 'prepared') =>
      controlled(ratioOf(times[name].roundsUs, times.sliced.roundsUs, chance.fork(name)), control);
    return {
      policies: count,
      applicable: own.length,
      rounds: times.sliced.roundsUs.length,
      naiveUs: quantileEstimate(times.naive.callsUs, 0.5),
      preparedUs: quantileEstimate(times.prepared.callsUs, 0.5),
      slicedUs: quantileEstimate(times.sliced.callsUs, 0.5),
      naiveToSliced: ratio('naive'),
      preparedToSliced: ratio('prepared'),
    };
  });
};

/**
 * One question with 0 to 500 entities, prepared and sliced, taken apart by differences: Cedar has no
 * way to time its steps, so that the same call is made with one step less.
 */
export const benchEntities = (
  { policies }: PolicySet,
  { tool, question }: BenchQuestion,
  { effort, seed }: { readonly effort: Effort; readonly seed: number },
): readonly EntitiesRow[] => {
  const applicable = policies.filter(({ json }) => appliesTo(json, tool));
  const own: readonly BenchPolicy[] = applicable;
  const moved = applicable.map((policy: LoadedPolicy, index) => elsewhere(policy, index));
  return ENTITIES.map((count) => {
    const asked = askedOf(tool, question, count);
    const bare = askedOf(tool, question, 0);
    const works = {
      whole: prepared(asked, own, SLICED),
      control: prepared(asked, own, SLICED),
      moved: prepared(asked, moved, MOVED),
      empty: prepared(asked, [], EMPTY),
      refused: refused(asked),
      bareEmpty: prepared(bare, [], EMPTY),
      bareRefused: refused(bare),
    };
    const times = timed(works, effort);
    const us = (name: keyof typeof works): number => quantileOf(sorted(times[name].callsUs), 0.5);
    const requestUs = us('bareEmpty') - us('bareRefused');
    const chance = new Chance(seed).fork('entities', count);
    const control = ratioOf(times.control.roundsUs, times.whole.roundsUs, chance);
    return {
      entities: count,
      rounds: times.whole.roundsUs.length,
      wholeUs: quantileEstimate(times.whole.callsUs, 0.5),
      serialisationUs: us('refused'),
      requestUs,
      entitiesUs: us('empty') - us('refused') - requestUs,
      policiesUs: us('moved') - us('empty'),
      conditionsUs: us('whole') - us('moved'),
      control,
      controlIsOff: isOff(control),
    };
  });
};

/** Makes so many decisions, each asked of Cedar, and reads the process's memory before and at every tenth. */
export const benchMemory = (
  set: PolicySet,
  questions: readonly BenchQuestion[],
  {
    decisions,
    residentBytes,
    isStopped,
  }: {
    readonly decisions: number;
    readonly residentBytes: () => number;
    readonly isStopped: () => boolean;
  },
): BenchedMemory => {
  const engine = new PolicyEngine(set, { cacheEntries: 0 });
  const before = residentBytes();
  const seen = [before];
  let made = 0;
  for (let tenth = 1; tenth <= 10 && !isStopped(); tenth += 1) {
    for (; made < Math.round((decisions * tenth) / 10); made += 1) {
      const asked = questions[made % questions.length];
      if (asked !== undefined) engine.decide(asked.question);
    }
    seen.push(residentBytes());
  }
  return {
    decisions: made,
    residentBytes: before,
    grownBytes: (seen.at(-1) ?? before) - before,
    mostGrownBytes: Math.max(...seen) - before,
  };
};
