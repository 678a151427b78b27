// What is the least of a program that still fails: everything is left out that it fails without.

import { UsageError } from '../../domain/usage-error.ts';
import type { Program } from '../programs.ts';
import { chunksOfMoves, pairsOfMoves, upTo } from './shrink/fewer-moves.ts';
import { fewerPeople, fewerTenants } from './shrink/fewer-people.ts';
import { oneAsk } from './shrink/one-ask.ts';
import { plainerBreaks, simplerMoves, tighterLimits } from './shrink/simpler.ts';

/** Plays a smaller program and says whether it still fails in the same way. */
export type StillFails = (program: Program) => Promise<boolean>;

/** Programs played at most to make one smaller: enough for sixty moves (measured). */
const PLAYS_MAX = 600;

export interface Shrunk {
  readonly program: Program;
  readonly plays: number;
}

/** Programs that are less than the given one, the boldest first. */
type Pass = (program: Program) => Iterable<Program>;

/** What makes the moves fewer comes first: every later candidate is then played sooner. */
const PASSES: readonly Pass[] = [
  pairsOfMoves,
  oneAsk,
  fewerPeople,
  tighterLimits,
  simplerMoves,
  fewerTenants,
];

/**
 * Leaves out and simplifies what it can, until nothing more can be, or enough was played. `shown` is
 * the index of the move that showed the failure, if it is known: most often it is enough.
 */
export const shrink = async (
  program: Program,
  stillFails: StillFails,
  shown?: number,
): Promise<Shrunk> => {
  let plays = 0;
  const known = new Map<string, boolean>();
  const play: StillFails = async (smaller) => {
    if (plays >= PLAYS_MAX) return false;
    plays += 1;
    try {
      return await stillFails(smaller);
    } catch (problem) {
      // Without the move that brings somebody, what they do later is no scenario any more.
      if (problem instanceof UsageError) return false;
      throw problem;
    }
  };
  const fails: StillFails = async (smaller) => {
    const text = JSON.stringify(smaller);
    const failed = known.get(text) ?? (await play(smaller));
    known.set(text, failed);
    return failed;
  };
  let least = program;
  for (const smaller of upTo(program, shown))
    if (least === program && (await fails(smaller))) least = smaller;
  let before: Program | undefined;
  while (least !== before) {
    before = least;
    least = await leastBy(plainerBreaks, least, fails);
    least = await withoutChunks(least, fails);
    for (const pass of PASSES) least = await leastBy(pass, least, fails);
  }
  return { program: least, plays };
};

/** Delta debugging: chunks of half, a quarter and so on are left out while what is left fails. */
const withoutChunks = async (program: Program, fails: StillFails): Promise<Program> => {
  let least = program;
  for (let size = Math.ceil(least.moves.length / 2); size >= 1; size = Math.floor(size / 2))
    least = await chunksOfMoves(least, size, fails);
  return least;
};

/** Goes on among the candidates of what still fails, where it was among those of the larger one. */
const leastBy = async (pass: Pass, program: Program, fails: StillFails): Promise<Program> => {
  let least = program;
  let candidates = [...pass(least)];
  for (let at = 0; at < candidates.length; ) {
    const smaller = candidates[at];
    if (smaller !== undefined && (await fails(smaller))) {
      least = smaller;
      candidates = [...pass(least)];
    } else at += 1;
  }
  return least;
};
