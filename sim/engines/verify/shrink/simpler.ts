// What is a simpler move: fewer questions, shorter and rounder waits, nothing beside another, no shadow.

import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from '../../../kernel/clock.ts';
import type { AskMove, Move } from '../../../scenario.ts';
import type { Program } from '../../programs.ts';

/** The program with one of its moves simpler. */
export function* simplerMoves(program: Program): Iterable<Program> {
  for (const [index, move] of program.moves.entries())
    for (const simpler of simplerThan(move))
      yield { ...program, moves: program.moves.with(index, simpler) };
}

/** What fails by half is gone: a smaller program has other chances, and would fail elsewhere. */
export function* plainerBreaks(program: Program): Iterable<Program> {
  for (const [index, move] of program.moves.entries())
    if (move.do === 'break' && move.how === 'failing')
      yield { ...program, moves: program.moves.with(index, { ...move, how: 'gone' }) };
}

/** Limits that fewer questions reach, where it takes several to reach them. */
export function* tighterLimits(program: Program): Iterable<Program> {
  const isRepeating = program.moves.some((move) => move.do === 'ask' && move.times > 1);
  if (program.limits === 'usual' && isRepeating) yield { ...program, limits: 'tight' };
}

function* simplerThan(move: Move): Iterable<Move> {
  for (const afterUs of shorterThan(move.afterUs)) yield { ...move, afterUs };
  if (move.together) yield { ...move, together: false };
  if (move.do === 'ask') for (const fewer of fewerTimes(move)) yield { ...move, ...fewer };
  if (move.do === 'try' && move.shadow !== 'none') yield { ...move, shadow: 'none' };
}

function* fewerTimes({ times, everyUs }: AskMove): Iterable<Partial<AskMove>> {
  if (times === 1) return;
  yield { times: 1, everyUs: 0 };
  for (const fewer of [Math.ceil(times / 2), times - 1])
    if (fewer > 1 && fewer < times) yield { times: fewer };
  for (const shorterUs of shorterThan(everyUs)) yield { everyUs: shorterUs };
}

/** No time at all, or a single unit of it. */
const shorterThan = (us: number): readonly number[] =>
  [0, SECOND_US, MINUTE_US, HOUR_US, DAY_US].filter((shorter) => shorter < us);
