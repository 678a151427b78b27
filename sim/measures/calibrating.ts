// Do simulated and wall time agree on who is admitted? Decisions in pairs, judged by the exact judge.

import type { Calibration } from '../domain/calibration.ts';
import type { DoorDecision } from '../domain/fleet-report.ts';
import type { LimitContract } from '../domain/limit.ts';
import { LimiterJudge } from './limiter-judge.ts';

/** One request's decision on both clocks. */
interface Pair {
  readonly simulated: DoorDecision;
  readonly wall: DoorDecision;
}

/**
 * Pairs the n-th question of a user on one clock with the n-th on the other, in the order in which
 * they were planned. Both clocks' decisions are judged exactly, each at its own instants: where none
 * is wrong, decisions differ only because their instants do, and by how much is told.
 */
export const calibrate = (
  simulated: readonly DoorDecision[],
  wall: readonly DoorDecision[],
  limitsOf: (tier: string) => LimitContract | undefined,
): Omit<Calibration, 'tiers'> => {
  const [ours, theirs] = [byUser(simulated), byUser(wall)];
  const pairs: Pair[] = [];
  for (const [membership, asked] of ours) {
    const others = theirs.get(membership) ?? [];
    for (const [index, one] of asked.entries()) {
      const other = others[index];
      if (other !== undefined) pairs.push({ simulated: one, wall: other });
    }
  }
  const apartUs = pairs
    .map((pair) => Math.abs(pair.wall.askedUs - pair.simulated.askedUs))
    .sort((one, other) => one - other);
  return {
    paired: pairs.length,
    unpaired: simulated.length + wall.length - 2 * pairs.length,
    differing: pairs.filter((pair) => pair.wall.admitted !== pair.simulated.admitted).length,
    apartUsP50: apartUs[Math.floor(apartUs.length / 2)] ?? 0,
    apartUsMax: apartUs.at(-1) ?? 0,
    wrong: wrongOf(simulated, limitsOf) + wrongOf(wall, limitsOf),
  };
};

/** Decisions that are not what the contract says at their own instants. */
const wrongOf = (
  decisions: readonly DoorDecision[],
  limitsOf: (tier: string) => LimitContract | undefined,
): number => {
  const judges = new Map<string, LimiterJudge>();
  const inOrder = [...decisions].sort((one, other) => one.askedUs - other.askedUs);
  for (const { tenant, tier, askedUs, admitted, by } of inOrder) {
    const judge = judges.get(tenant) ?? new LimiterJudge(limitsOf(tier) ?? {});
    judges.set(tenant, judge);
    judge.see(askedUs, admitted, by ?? undefined);
  }
  let wrong = 0;
  for (const judge of judges.values()) {
    const { wrongAdmissions, wrongRefusals } = judge.conclude();
    wrong += wrongAdmissions + wrongRefusals;
  }
  return wrong;
};

const byUser = (decisions: readonly DoorDecision[]): ReadonlyMap<string, DoorDecision[]> => {
  const users = new Map<string, DoorDecision[]>();
  for (const decision of decisions) {
    const known = users.get(decision.membership);
    if (known === undefined) users.set(decision.membership, [decision]);
    else known.push(decision);
  }
  for (const asked of users.values())
    asked.sort((one, other) => one.plannedUs - other.plannedUs || one.askedUs - other.askedUs);
  return users;
};
