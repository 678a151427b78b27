// What does `poolproof policy bench` do: time the real decision in every way of asking, and say what to do.

import { type ExitCode, exitCode, verdictOf } from '../../domain/exit-code.ts';
import type { PolicyBench } from '../../domain/policy-bench.ts';
import {
  type BenchQuestion,
  benchEntities,
  benchMemory,
  benchPolicies,
  benchWays,
  type Effort,
} from '../../policy/bench.ts';
import { eachPoint, type PlacedTool, spaceOf, type Terms } from '../../policy/space.ts';
import { behindGateways, type PolicyFolder } from '../../policy.ts';
import { appliesTo } from '../../protocol/cedar.ts';
import { benchAdvice } from '../../report/policy-bench-advice.ts';
import { benchSentence, benchText } from '../../report/policy-bench-text.ts';
import { BENCH_FORM, json } from '../../report.ts';
import { seedOf } from '../inputs.ts';
import { Complaints } from '../options.ts';
import type { Voice } from '../voice.ts';
import { readPolicyFolder } from './folder.ts';
import { checkFlags, type PolicyFlags, replayLine, tell } from './telling.ts';
import { termsOf } from './terms.ts';

export interface BenchFlags extends PolicyFlags {
  readonly seed?: string;
  readonly rounds?: string;
  readonly memory?: string;
  readonly quick?: boolean;
}

/** Rounds of a row, how long it may take, and decisions for the memory. All assumed. */
const USUAL = { rounds: '300', mostMs: 3000, fewest: 20, memory: '100000' };
const QUICK = { rounds: '40', mostMs: 300, fewest: 6, memory: '1000' };

export const benchCommand = (
  named: string | undefined,
  flags: BenchFlags,
  voice: Voice,
): ExitCode => {
  const usual = flags.quick === true ? QUICK : USUAL;
  const complaints = new Complaints();
  const folder = complaints.attempt(() => readPolicyFolder(named));
  checkFlags('bench', flags, ['json', 'text'], complaints);
  const seed = complaints.attempt(() => seedOf(flags.seed, 1)) ?? 1;
  const rounds = complaints.count('--rounds', flags.rounds ?? usual.rounds);
  const decisions = complaints.count('--memory', flags.memory ?? usual.memory);
  const terms = folder === undefined ? undefined : termsOf([folder], {}, complaints).terms;
  complaints.tell();
  if (folder === undefined || terms === undefined) throw new Error('read without a complaint');
  const effort: Effort = { rounds, mostMs: usual.mostMs, fewest: Math.min(rounds, usual.fewest) };
  const measured = measure(folder, terms, { effort, seed, decisions, voice });
  const report = reportOf(folder, measured, {
    version: voice.version,
    seed,
    replay: replayLine('bench', named, {
      seed: String(seed),
      rounds: flags.rounds,
      memory: flags.memory,
      ...(flags.quick === true ? { quick: [] } : {}),
    }),
    stopped: voice.stopped(),
  });
  const text = (columns: number): string => benchText(report, columns);
  tell('bench', { sentence: report.sentence, json: json(BENCH_FORM, report), text }, flags, voice);
  return report.exitCode;
};

type Measured = Pick<PolicyBench, 'tools' | 'ways' | 'byPolicies' | 'byEntities' | 'memory'>;

const measure = (
  folder: PolicyFolder,
  terms: Terms,
  {
    effort,
    seed,
    decisions,
    voice,
  }: {
    readonly effort: Effort;
    readonly seed: number;
    readonly decisions: number;
    readonly voice: Voice;
  },
): Measured => {
  const { policies } = folder;
  const questions = behindGateways(folder.gateways).flatMap(
    (tool) => questionAbout(folder, tool, terms) ?? [],
  );
  const mostAsked = questions.toSorted(
    (one, other) => applicableTo(folder, other.tool) - applicableTo(folder, one.tool),
  )[0];
  if (mostAsked === undefined) throw new Error('a folder without tools was read');
  const how = { effort, seed };
  return {
    tools: questions.length,
    ways: benchWays(policies, questions, how),
    byPolicies: benchPolicies(policies, mostAsked, how),
    byEntities: benchEntities(policies, mostAsked, how),
    memory: benchMemory(policies, questions, {
      decisions,
      residentBytes: () => process.memoryUsage.rss(),
      isStopped: voice.stopped,
    }),
  };
};

const applicableTo = ({ policies }: PolicyFolder, tool: PlacedTool): number =>
  policies.policies.filter(({ json }) => appliesTo(json, tool)).length;

/** A question that is allowed, else any; `undefined` when there are too many to look. */
const questionAbout = (
  { policies }: PolicyFolder,
  tool: PlacedTool,
  terms: Terms,
): BenchQuestion | undefined => {
  const space = spaceOf(tool, [policies], terms);
  let chosen: BenchQuestion | undefined;
  let isAllowed = false;
  eachPoint(space, (point) => {
    if (isAllowed) return;
    const question = space.question(point);
    if (question === undefined) return;
    isAllowed = space.answer(point)?.allowed === true;
    if (isAllowed || chosen === undefined) chosen = { tool, question };
  });
  return chosen;
};

const reportOf = (
  { folder, policies }: PolicyFolder,
  measured: Measured,
  named: {
    readonly version: string;
    readonly seed: number;
    readonly replay: string;
    readonly stopped: boolean;
  },
): PolicyBench => {
  const counts = { ...measured, policies: policies.policies.length };
  // A machine too restless to tell one way of asking from another says nothing of the policies.
  const isTold = measured.ways.some(({ way, ratio }) => way === 'naive' && ratio.clearsControl);
  const code = exitCode({ harnessLimited: !isTold, inconclusive: named.stopped });
  return {
    schema: 'poolproof.policy-bench/1',
    version: named.version,
    clock: 'measured (wall time)',
    folder,
    verdict: verdictOf(code),
    exitCode: code,
    sentence: benchSentence(counts),
    ...counts,
    advice: benchAdvice(measured),
    seed: named.seed,
    replay: named.replay,
  };
};
