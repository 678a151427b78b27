// Which questions can be one move: those of one user, all at once, or one after another at equal distances.

import { MINUTE_US } from '../../../kernel/clock.ts';
import type { AskMove, Move } from '../../../scenario.ts';
import type { Program } from '../../programs.ts';
import { isSame } from './fewer-people.ts';

type Ask = Move & AskMove;

/** As many moves as are read at a glance (assumed): only more are put beside one another. */
const AT_A_GLANCE = 3;

/** The program with several questions of a user as a single move, at the place of the first. */
export function* oneAsk(program: Program): Iterable<Program> {
  const asks = program.moves.filter((move): move is Ask => move.do === 'ask');
  for (const first of asks) {
    const alike = asks.filter((ask) => isSame(ask.by, first.by));
    if (alike[0] !== first || alike.length < 2) continue;
    const times = alike.reduce((sum, ask) => sum + ask.times, 0);
    for (const { use, session, say } of distinct(alike)) {
      const one: Ask = { ...first, use, session, say, times, everyUs: 0 };
      yield { ...program, moves: inPlaceOf(program.moves, alike, one) };
      for (const everyUs of distances(program.moves, alike))
        yield* repeated(program, alike, { ...one, everyUs });
    }
  }
}

/** The first question of each sort. */
const distinct = (asks: readonly Ask[]): readonly Ask[] => {
  const sortOf = ({ use, session, say }: Ask): string => JSON.stringify([use, session, say]);
  return [...new Map(asks.toReversed().map((ask) => [sortOf(ask), ask])).values()].toReversed();
};

/** Times between questions, the longest first; and one that others can happen in. */
const distances = (moves: readonly Move[], asks: readonly Ask[]): readonly number[] => {
  const instants = asks.map((ask) => instantOf(moves, ask));
  const gaps = instants.slice(1).map((us, index) => us - (instants[index] ?? 0));
  const own = asks.map(({ everyUs }) => everyUs);
  return [...new Set([...gaps, ...own, MINUTE_US])]
    .filter((us) => us > 0)
    .toSorted((a, b) => b - a);
};

/** The questions at a distance, in a row; and what happened between them beside them. */
function* repeated(program: Program, asks: readonly Ask[], one: Ask): Iterable<Program> {
  const { moves } = program;
  const [first, ...others] = asks;
  const last = others.at(-1);
  if (first === undefined || last === undefined) return;
  const between = moves
    .slice(moves.indexOf(first), moves.indexOf(last))
    .filter((move) => !asks.some((ask) => ask === move));
  if (between.length === 0) yield { ...program, moves: inPlaceOf(moves, asks, one) };
  else if (moves.length > AT_A_GLANCE) {
    const oldUs = between.map((move) => instantOf(moves, move) - instantOf(moves, first));
    const midwayUs = between.map(() => Math.round(one.everyUs / 2));
    for (const instantsUs of [oldUs, midwayUs])
      yield { ...program, moves: inPlaceOf(moves, asks, one, beside(between, instantsUs)) };
  }
}

/** The moves at these instants after the first question, while others are still being asked. */
const beside = (between: readonly Move[], instantsUs: readonly number[]): ReadonlyMap<Move, Move> =>
  new Map(
    between.map((move, index) => {
      const afterUs = (instantsUs[index] ?? 0) - (instantsUs[index - 1] ?? 0);
      return [move, { ...move, afterUs, together: true }];
    }),
  );

/** The moves with one in place of the questions, and others in place of those that happened between. */
const inPlaceOf = (
  moves: readonly Move[],
  asks: readonly Ask[],
  one: Ask,
  others: ReadonlyMap<Move, Move> = new Map(),
): readonly Move[] =>
  moves.flatMap((move): readonly Move[] => {
    if (move === asks[0]) return [one];
    return asks.some((ask) => ask === move) ? [] : [others.get(move) ?? move];
  });

/** When a move begins if none takes any time. */
const instantOf = (moves: readonly Move[], move: Move): number =>
  moves.slice(0, moves.indexOf(move) + 1).reduce((sum, { afterUs }) => sum + afterUs, 0);
