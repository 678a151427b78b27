// Does isolation hold against generated programs: many are played, and what fails is made small.

import type { Told, Verdict } from '../domain/finding.ts';
import type { Observer } from '../domain/history.ts';
import type { Platform, PlatformKit, PolicyPort } from '../domain/ports.ts';
import type { TargetTool } from '../domain/tool.ts';
import type { InterferenceReport, VerifyEnd } from '../domain/verify-report.ts';
import { loadPolicies, PolicyEngine, type PolicyFile } from '../protocol/cedar.ts';
import type { Scenario } from '../scenario/schema.ts';
import { type Comparison, watchObserver } from './noninterference.ts';
import { type Program, scenarioOfProgram } from './programs.ts';
import { type Folded, fold, type RunSurroundings } from './run.ts';
import { targetTools } from './target-tools.ts';
import { differentHistory, Excerpt, sameHistory } from './twice.ts';
import { Coverage } from './verify/coverage.ts';
import { programOf } from './verify/generate.ts';
import { Interference } from './verify/interference.ts';
import { shownMove } from './verify/shown-move.ts';
import { shrink } from './verify/shrink.ts';

export { type Cell, Coverage, RELATIONS } from './verify/coverage.ts';
export { programOf, programs } from './verify/generate.ts';
export { tenantIds, userIds } from './verify/identities.ts';
export { shownMove } from './verify/shown-move.ts';
export { shrink } from './verify/shrink.ts';

/** What is tried: a platform, with the policies that it is given. */
export interface Trial {
  readonly platform: (kit: PlatformKit) => Platform;
  readonly cedarFiles: readonly PolicyFile[];
  readonly iamDocuments: Readonly<Record<string, unknown>>;
}

export interface Effort {
  readonly seed: number;
  /** Programs at most. */
  readonly runs: number;
  readonly hosting?: Program['hosting'] | undefined;
  /** Promises whose findings count; all when undefined. */
  readonly only?: ReadonlySet<string> | undefined;
  readonly stopOnFirst?: boolean;
  /** No further program is begun once so many findings are known; any number when undefined. */
  readonly findingsMax?: number | undefined;
  /** Asked between programs: no further one is begun. */
  readonly isOver?: () => boolean;
  /** Asked oftener: what was found is told as it is, without being made small. */
  readonly isStopped?: () => boolean;
  readonly onProgress?: (done: number, findings: number) => void;
}

/** A hole: a finding with the smallest program that shows it, and what else that program shows. */
export interface Caught {
  readonly told: Told;
  readonly promise: string;
  /** Programs played until it was first seen, that one included. */
  readonly executions: number;
  /** The program that it was first seen in. */
  readonly program: Program;
  readonly shrunk: Program;
  /** Further findings of the same small program: what one cause has for consequences. */
  readonly also: readonly { readonly promise: string; readonly told: Told }[];
}

export interface Verified {
  readonly programs: number;
  readonly moves: number;
  readonly coverage: Coverage;
  /** Evidence of each promise, over all programs. */
  readonly evidence: ReadonlyMap<string, number>;
  readonly caught: readonly Caught[];
  readonly interference: InterferenceReport;
  readonly end: VerifyEnd;
  /** True when `isStopped` ended it early. */
  readonly partial: boolean;
}

/** Plays programs one after another under all checks. Findings of one id are one. */
export const verify = async (trial: Trial, effort: Effort): Promise<Verified> => {
  const interference = new Interference();
  const judge = judgeOf(trial, (program, comparison) => interference.add(program, comparison));
  const coverage = new Coverage();
  const evidence = new Map<string, number>();
  const first = new Map<string, Seen>();
  let programs = 0;
  let moves = 0;
  const isStopped = effort.isStopped ?? (() => false);
  let end = endOf(effort, programs, first.size);
  for (; end === undefined; end = endOf(effort, programs, first.size)) {
    programs += 1;
    const program = programOf(effort.seed, programs, effort.hosting);
    moves += program.moves.length;
    const isRepeated = programs % REPEATED_EVERY === 1;
    for (const { promise, evidence: met, findings } of await judge(program, isRepeated, coverage)) {
      evidence.set(promise, (evidence.get(promise) ?? 0) + met);
      if (effort.only !== undefined && !effort.only.has(promise)) continue;
      for (const told of findings)
        if (!first.has(told.id))
          first.set(told.id, { told, promise, executions: programs, program });
    }
    effort.onProgress?.(programs, first.size);
  }
  // Before programs are played again to be made small.
  const told = interference.told();
  const caught = await holesOf([...first.values()], judge, effort);
  return {
    ...{ programs, moves, coverage, evidence, caught },
    interference: told,
    end,
    partial: isStopped(),
  };
};

const endOf = (
  { runs, findingsMax, stopOnFirst, isOver, isStopped }: Effort,
  programs: number,
  findings: number,
): VerifyEnd | undefined => {
  if (isStopped?.() === true) return 'stopped';
  if (programs >= runs) return 'all played';
  if (stopOnFirst === true && findings > 0) return 'first finding';
  if (findings >= (findingsMax ?? Number.POSITIVE_INFINITY)) return 'enough findings';
  return isOver?.() === true ? 'time' : undefined;
};

/** Every so many programs are played a second time, and must give the same history (I11). */
const REPEATED_EVERY = 16;

/** Plays a program under all checks; again with the others varied when it names an observer. */
export type Judge = (
  program: Program,
  isRepeated?: boolean,
  ...observers: readonly Observer[]
) => Promise<readonly Verdict[]>;

export const judgeOf = (
  trial: Trial,
  onCompared: (program: Program, comparison: Comparison) => void = () => {},
): Judge => {
  const play = player(trial);
  return async (program, isRepeated = false, ...observers) => {
    const scenario = scenarioOfProgram(program);
    const watched = watchObserver(scenario);
    const more = { digested: isRepeated, ...(watched && { watch: watched.watch }) };
    const watching = watched === undefined ? observers : [...observers, watched.view];
    const folded = await play(scenario, more, ...watching);
    const verdicts = [...folded.verdicts, folded.measured.limits];
    if (watched !== undefined) {
      const comparison = await watched.withOthersVaried((varied, second, view) =>
        play(varied, { second, digested: false }, view),
      );
      onCompared(program, comparison);
      verdicts.push(comparison.verdict);
    }
    if (isRepeated) verdicts.push(await repeated(scenario, folded, play));
    return verdicts;
  };
};

/** Plays scenarios on the platform of the trial. All trials of the same policies share a Cedar engine. */
export const player = (trial: Trial) => {
  let engine: PolicyPort | undefined;
  return (
    scenario: Scenario,
    more: Pick<RunSurroundings, 'watch' | 'second' | 'digested'>,
    ...observers: readonly Observer[]
  ): Promise<Folded> => {
    engine ??= engineOf(trial.cedarFiles, targetTools(scenario));
    const shared = engine;
    const nothing = { swaps: new Map(), traces: new Map() };
    return fold(
      { ...trial, ...nothing, scenario, seed: scenario.seed },
      { wallMs: () => 0, policies: () => shared, observers, ...more },
    );
  };
};

/** Decisions are a function of policies and tools, and of nothing that a platform does. */
const engineOf = (files: Trial['cedarFiles'], tools: readonly TargetTool[]): PolicyPort => {
  const of = JSON.stringify(tools);
  const known = engines.get(files)?.get(of);
  if (known !== undefined) return known;
  const engine = new PolicyEngine(loadPolicies(files, tools));
  engines.set(files, (engines.get(files) ?? new Map<string, PolicyPort>()).set(of, engine));
  return engine;
};

const engines = new WeakMap<Trial['cedarFiles'], Map<string, PolicyPort>>();

const repeated = async (
  scenario: Scenario,
  folded: Folded,
  play: ReturnType<typeof player>,
): Promise<Verdict> => {
  const again = await play(scenario, {});
  if (again.digest === folded.digest) return sameHistory(folded);
  const [one, other] = [new Excerpt(EVERYTHING), new Excerpt(EVERYTHING)];
  const first = await play(scenario, {}, one);
  await play(scenario, {}, other);
  return differentHistory(first, one.events, other.lines);
};

const EVERYTHING = { from: 0, to: Number.POSITIVE_INFINITY };

/** True when there is a finding of that id. */
export const shows = (verdicts: readonly Verdict[], id: string): boolean =>
  verdicts.some(({ findings }) => findings.some((told) => told.id === id));

type Seen = Omit<Caught, 'shrunk' | 'also'>;

/** Makes programs small, and puts together what one small program shows: it has one cause. */
const holesOf = async (
  seen: readonly Seen[],
  judge: Judge,
  { only, isStopped }: Effort,
): Promise<readonly Caught[]> => {
  const explained = new Set<string>();
  const holes: Caught[] = [];
  for (const one of seen) {
    if (explained.has(one.told.id)) continue;
    const hole =
      isStopped?.() === true ? { ...one, shrunk: one.program, also: [] } : await made(one, judge);
    const also = hole.also.filter(({ promise }) => only === undefined || only.has(promise));
    holes.push({ ...hole, also });
    for (const { id } of [hole.told, ...also.map(({ told }) => told)]) explained.add(id);
  }
  return holes;
};

/** Makes the program small, and tells the finding as the small one shows it. */
const made = async (one: Seen, judge: Judge): Promise<Caught> => {
  const { id } = one.told;
  const isI11 = one.promise === 'I11';
  // Only what compares two runs needs the second.
  const program = one.promise === 'I2' ? one.program : { ...one.program, observer: undefined };
  const { program: shrunk } = await shrink(
    program,
    async (smaller) => shows(await judge(smaller, isI11), id),
    shownMove(program.moves, one.told),
  );
  const shown = (await judge(shrunk, isI11)).flatMap(({ promise, findings }) =>
    findings.map((told) => ({ promise, told })),
  );
  const told = shown.find((other) => other.told.id === id)?.told ?? one.told;
  return { ...one, told, shrunk, also: shown.filter((other) => other.told.id !== id) };
};
