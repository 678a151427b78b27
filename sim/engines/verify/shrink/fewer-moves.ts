// Which moves can be left out: chunks of them in a row, then any two.

import type { Move } from '../../../scenario.ts';
import type { Program } from '../../programs.ts';

/** The move of that index alone; then without what came after it. */
export function* upTo(program: Program, index: number | undefined): Iterable<Program> {
  const move = index === undefined ? undefined : program.moves[index];
  if (index === undefined || move === undefined) return;
  yield { ...program, moves: [move] };
  yield { ...program, moves: program.moves.slice(0, index + 1) };
}

/** Leaves out chunks of a size, from the first move to the last, while what is left fails. */
export const chunksOfMoves = async (
  program: Program,
  size: number,
  fails: (smaller: Program) => Promise<boolean>,
): Promise<Program> => {
  let least = program;
  let at = 0;
  while (at < least.moves.length) {
    const smaller = { ...least, moves: without(least.moves, at, size) };
    if (smaller.moves.length > 0 && (await fails(smaller))) least = smaller;
    else at += size;
  }
  return least;
};

/** Two of so many moves at most are tried together: 66 pairs of twelve (assumed). */
const PAIRED_MAX = 12;

/** The program without two of its moves, wherever they stand: one may undo the other. */
export function* pairsOfMoves(program: Program): Iterable<Program> {
  const { moves } = program;
  if (moves.length < 3 || moves.length > PAIRED_MAX) return;
  for (const [one] of moves.entries())
    for (let other = one + 1; other < moves.length; other += 1)
      yield { ...program, moves: without(without(moves, other, 1), one, 1) };
}

/** What is left out takes its time with it, unless that is what matters. */
const without = (moves: readonly Move[], at: number, size: number): readonly Move[] => {
  const waitedUs = moves.slice(at, at + size).reduce((sum, { afterUs }) => sum + afterUs, 0);
  const left = moves.slice(at + size);
  const [next, ...rest] = left;
  return [
    ...moves.slice(0, at),
    ...(next === undefined ? [] : [{ ...next, afterUs: next.afterUs + waitedUs }, ...rest]),
  ];
};
