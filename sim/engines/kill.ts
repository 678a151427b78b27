// Which seeded faults are caught, by which check, and after how many generated programs?

import type { JudgedFault } from '../domain/faults-report.ts';
import type { SeededFault } from '../faults.ts';
import { usualTest } from './kill/usual-test.ts';
import { type Program, TENANTS } from './programs.ts';
import { type Judge, judgeOf, programOf, shownMove, shows, shrink, type Trial } from './verify.ts';

/** What is spent on a fault. */
export interface Budget {
  /** Each seed is a search of its own. */
  readonly seeds: readonly number[];
  /** Executions of one search at most: programs, of which one that is played again counts two. */
  readonly executionsMax: number;
  /** Who judges the programs: all checks, unless it is to be seen what fewer of them are worth. */
  readonly judges?: (trial: Trial) => Judge;
}

/** What became of one fault. */
export interface Kill {
  readonly fault: SeededFault;
  /** Promises whose checks reported it, the meant one included when it did. */
  readonly caughtBy: readonly string[];
  /** True when every search ended with the meant check reporting. */
  readonly attributed: boolean;
  /** Executions until the first finding, one number a search; undefined where there was none. */
  readonly executions: readonly (number | undefined)[];
  /** The smallest program that shows it; undefined when nothing was found. */
  readonly shrunk: Program | undefined;
  /** Whether the usual test would have seen it, with as many executions. */
  readonly usual: boolean;
}

/** What is told of a fault: caught, and attributed, only when every search said so. */
export const judgedOf = (found: Kill): JudgedFault => {
  const { fault, caughtBy, attributed, executions, shrunk, usual } = found;
  const counts = executions.flatMap((count) => count ?? []).toSorted((a, b) => a - b);
  const caught = counts.length === executions.length;
  return {
    id: fault.id,
    class: fault.class,
    does: fault.does,
    promise: fault.promise,
    boundary: fault.boundary,
    mechanism: fault.mechanism,
    caughtBy,
    caught,
    attributed,
    executions: {
      median: caught ? (counts[Math.floor(counts.length / 2)] ?? null) : null,
      max: caught ? (counts.at(-1) ?? null) : null,
    },
    moves: shrunk?.moves.length ?? null,
    tenants: shrunk?.tenants.length ?? null,
    usualTest: usual,
  };
};

/** Searches for one fault on the platform that has it. */
export const kill = async (fault: SeededFault, trial: Trial, budget: Budget): Promise<Kill> => {
  const broken: Trial = { ...trial, platform: fault.make };
  const judge = (budget.judges ?? judgeOf)(broken);
  const searches: Search[] = [];
  for (const seed of budget.seeds) searches.push(await search(fault, judge, { seed, ...budget }));
  const spent = Math.max(...searches.map(({ played }) => played));
  return {
    fault,
    caughtBy: [...new Set(searches.flatMap(({ promises }) => [...promises]))].sort(),
    attributed: searches.every(({ promises }) => promises.has(fault.promise)),
    executions: searches.map(({ executions }) => executions),
    shrunk: await smallest(judge, searches),
    usual: await usualTest(broken, { seed: budget.seeds[0] ?? 1, executions: spent }),
  };
};

interface Search {
  /** Executions until the first finding. */
  readonly executions: number | undefined;
  /** Executions in all. */
  readonly played: number;
  readonly promises: ReadonlySet<string>;
  readonly failing:
    | { readonly program: Program; readonly id: string; readonly shown: number | undefined }
    | undefined;
}

/** Plays until the meant check reports, or the budget is spent. */
const search = async (
  fault: SeededFault,
  judge: Judge,
  { seed, executionsMax }: { readonly seed: number; readonly executionsMax: number },
): Promise<Search> => {
  const promises = new Set<string>();
  let executions: number | undefined;
  let failing: Search['failing'];
  let played = 0;
  for (let number = 1; !promises.has(fault.promise); number += 1) {
    const program = programOf(seed, number);
    const cost = program.observer === undefined ? 1 : 2;
    if (played + cost > executionsMax) break;
    played += cost;
    for (const { promise, findings } of await judge(program)) {
      const [told] = findings;
      if (told === undefined) continue;
      executions ??= played;
      promises.add(promise);
      if (failing === undefined || promise === fault.promise)
        failing = {
          program: promise === 'I2' ? program : { ...program, observer: undefined },
          id: told.id,
          shown: shownMove(program.moves, told),
        };
    }
  }
  return { executions, played, promises, failing };
};

/** What a reader takes in at a glance (assumed): a smaller one is not looked for. */
const SMALL = { moves: 3, tenants: 2 };

/** The smallest program of the first search, or of another where that one is not small. */
const smallest = async (
  judge: Judge,
  searches: readonly Search[],
): Promise<Program | undefined> => {
  let least: Program | undefined;
  for (const { failing } of searches) {
    if (failing === undefined) continue;
    const { program } = await shrink(
      failing.program,
      async (smaller) => shows(await judge(smaller), failing.id),
      failing.shown,
    );
    if (least === undefined || program.moves.length < least.moves.length) least = program;
    if (least.moves.length <= SMALL.moves && least.tenants.length <= SMALL.tenants) break;
  }
  return least;
};

/** Promises that the script of a fault breaks on a platform. */
export const playScript = async (
  fault: SeededFault,
  trial: Trial,
): Promise<ReadonlySet<string>> => {
  const verdicts = await judgeOf(trial)({
    seed: 1,
    hosting: 'microvm',
    limits: 'usual',
    tenants: TENANTS,
    moves: fault.script,
    observer: fault.observer,
  });
  return new Set(
    verdicts.filter(({ findings }) => findings.length > 0).map(({ promise }) => promise),
  );
};
