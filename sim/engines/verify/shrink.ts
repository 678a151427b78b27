// What is the least of a program that still fails: moves and tenants left out as long as it does.

import { UsageError } from '../../domain/usage-error.ts';
import type { Move, Person } from '../../scenario.ts';
import type { Program } from '../programs.ts';

/** Plays a smaller program and says whether it still fails in the same way. */
export type StillFails = (program: Program) => Promise<boolean>;

/** Programs played at most to make one smaller: enough for sixty moves (measured). */
const PLAYS_MAX = 400;

export interface Shrunk {
  readonly program: Program;
  readonly plays: number;
}

/** Leaves out what it can: chunks of moves, then single ones, then waits, then tenants. */
export const shrink = async (program: Program, stillFails: StillFails): Promise<Shrunk> => {
  let plays = 0;
  const fails: StillFails = async (smaller) => {
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
  let least = await fewerMoves(program, fails);
  least = await oneBurst(least, fails);
  least = await simplerMoves(least, fails);
  least = await fewerTenants(least, fails);
  return { program: await fewerMoves(least, fails), plays };
};

/** Delta debugging: chunks of half, a quarter and so on are left out while what is left fails. */
const fewerMoves = async (program: Program, fails: StillFails): Promise<Program> => {
  let least = program;
  for (let size = Math.ceil(least.moves.length / 2); size >= 1; size = Math.floor(size / 2)) {
    let at = 0;
    while (at < least.moves.length) {
      const moves = without(least.moves, at, size);
      const smaller = { ...least, moves };
      if (moves.length > 0 && (await fails(smaller))) least = smaller;
      else at += size;
    }
  }
  return least;
};

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

/** Questions of one user, however they came about, as one that is asked so often. */
const oneBurst = async (program: Program, fails: StillFails): Promise<Program> => {
  let least = program;
  for (const first of program.moves) {
    if (first.do !== 'ask' || !least.moves.includes(first)) continue;
    const alike = least.moves.filter((move) => move.do === 'ask' && isSame(move.by, first.by));
    if (alike.length < 2) continue;
    const times = alike.reduce((sum, move) => sum + (move.do === 'ask' ? move.times : 0), 0);
    const moves = least.moves.flatMap((move) => {
      if (move === first) return [{ ...first, times }];
      return alike.includes(move) ? [] : [move];
    });
    const smaller = { ...least, moves };
    if (await fails(smaller)) least = smaller;
  }
  return least;
};

const isSame = (one: Person, other: Person): boolean =>
  one.tenant === other.tenant && one.user === other.user;

const simplerMoves = async (program: Program, fails: StillFails): Promise<Program> => {
  let least = program;
  for (let index = 0; index < least.moves.length; index += 1) {
    for (const simpler of simplerThan(least.moves[index])) {
      const smaller = { ...least, moves: least.moves.with(index, simpler) };
      if (await fails(smaller)) least = smaller;
    }
  }
  return least;
};

const simplerThan = (move: Move | undefined): readonly Move[] => {
  if (move === undefined) return [];
  const simpler: Move[] = [];
  if (move.afterUs > 0) simpler.push({ ...move, afterUs: 0 });
  if (move.together) simpler.push({ ...move, together: false });
  if (move.do === 'ask' && move.times > 1) {
    simpler.push({ ...move, times: 1 }, { ...move, times: Math.ceil(move.times / 2) });
    simpler.push({ ...move, times: move.times - 1 });
  }
  if (move.do === 'try' && move.shadow !== 'none') simpler.push({ ...move, shadow: 'none' });
  return simpler;
};

const fewerTenants = async (program: Program, fails: StillFails): Promise<Program> => {
  let least = program;
  for (const tenant of program.tenants) {
    const tenants = least.tenants.filter((one) => one !== tenant);
    if (tenants.length === 0 || least.moves.some((move) => mentions(move, tenant.id))) continue;
    const smaller = { ...least, tenants };
    if (await fails(smaller)) least = smaller;
  }
  return least;
};

const mentions = (move: Move, tenant: string): boolean => {
  switch (move.do) {
    case 'ask':
      return move.by.tenant === tenant;
    case 'try':
      return move.by?.tenant === tenant || move.of.tenant === tenant;
    case 'change':
      return (
        ('tenant' in move.change && move.change.tenant === tenant) ||
        ('to' in move.change && move.change.to === tenant)
      );
    case 'break':
      return false;
  }
};
