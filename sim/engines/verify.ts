// Does isolation hold against generated programs: many are played, and what fails is made small.

import type { Told, Verdict } from '../domain/finding.ts';
import type { Platform, PlatformKit, PolicyPort } from '../domain/ports.ts';
import { loadPolicies, PolicyEngine, type PolicyFile } from '../protocol/cedar.ts';
import { type Program, scenarioOfProgram } from './programs.ts';
import { type Folded, fold } from './run.ts';
import { targetTools } from './target-tools.ts';
import { Coverage } from './verify/coverage.ts';
import { programOf } from './verify/generate.ts';
import { shrink } from './verify/shrink.ts';

export { type Cell, Coverage, RELATIONS } from './verify/coverage.ts';

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
  /** Asked between programs. */
  readonly isOver?: () => boolean;
  readonly onProgress?: (done: number, findings: number) => void;
}

/** A finding with the smallest program that shows it. */
export interface Caught {
  readonly told: Told;
  readonly promise: string;
  /** Programs played until it was first seen, that one included. */
  readonly executions: number;
  /** The number of the program that it was first seen in. */
  readonly program: Program;
  readonly shrunk: Program;
}

export interface Verified {
  readonly programs: number;
  readonly moves: number;
  readonly coverage: Coverage;
  /** Evidence of each promise, over all programs. */
  readonly evidence: ReadonlyMap<string, number>;
  readonly caught: readonly Caught[];
  /** True when `isOver` ended it early. */
  readonly partial: boolean;
}

/** Plays programs one after another under all checks. Findings of one id are one. */
export const verify = async (trial: Trial, effort: Effort): Promise<Verified> => {
  const play = player(trial);
  const coverage = new Coverage();
  const evidence = new Map<string, number>();
  const first = new Map<string, Omit<Caught, 'shrunk'>>();
  let programs = 0;
  let moves = 0;
  let partial = false;
  while (programs < effort.runs) {
    if (effort.isOver?.() === true) {
      partial = true;
      break;
    }
    programs += 1;
    const program = programOf(effort.seed, programs, effort.hosting);
    moves += program.moves.length;
    const verdicts = verdictsOf(await play(program, coverage));
    for (const { promise, evidence: met, findings } of verdicts) {
      evidence.set(promise, (evidence.get(promise) ?? 0) + met);
      if (effort.only !== undefined && !effort.only.has(promise)) continue;
      for (const told of findings) {
        if (!first.has(told.id))
          first.set(told.id, { told, promise, executions: programs, program });
      }
    }
    effort.onProgress?.(programs, first.size);
    if (effort.stopOnFirst === true && first.size > 0) break;
  }
  const caught: Caught[] = [];
  for (const one of first.values()) caught.push(await made(one, play));
  return { programs, moves, coverage, evidence, caught, partial };
};

type Play = (program: Program, coverage?: Coverage) => Promise<Folded>;

/** The findings of one program. */
export const player = (trial: Trial): Play => {
  const engines = new Map<string, PolicyPort>();
  return (program, coverage) => {
    const scenario = scenarioOfProgram(program);
    const policies = (): PolicyPort => {
      const known = engines.get('');
      if (known !== undefined) return known;
      const engine = new PolicyEngine(loadPolicies(trial.cedarFiles, targetTools(scenario)));
      engines.set('', engine);
      return engine;
    };
    const inputs = { ...trial, scenario, seed: program.seed, swaps: new Map(), traces: new Map() };
    const observers = coverage === undefined ? [] : [coverage];
    return fold(inputs, { wallMs: () => 0, policies, observers });
  };
};

export const verdictsOf = ({ verdicts, measured }: Folded): readonly Verdict[] => [
  ...verdicts,
  measured.limits,
];

/** Makes the program small, and tells the finding as the small one shows it. */
const made = async (one: Omit<Caught, 'shrunk'>, play: Play): Promise<Caught> => {
  const { id } = one.told;
  let { told } = one;
  const { program: shrunk } = await shrink(one.program, async (smaller) => {
    const found = verdictsOf(await play(smaller)).flatMap(({ findings }) => findings);
    const same = found.find((other) => other.id === id);
    if (same !== undefined) told = same;
    return same !== undefined;
  });
  return { ...one, told, shrunk };
};
