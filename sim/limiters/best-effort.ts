// How does a gateway keep limits that it calls targets and not ceilings?

import { type Band, type Contract, type LimitedCall, scaled } from '../domain/contract.ts';
import type { Chance } from '../kernel/chance.ts';
import { Enforcer } from './enforcer.ts';
import type { SimulatedLimiter } from './limiter.ts';

/** What is assumed where a contract states no band: API Gateway names no figure. */
export const ASSUMED_BAND: Band = { overshoot: 0.1, undershoot: 0.1 };

/**
 * Each key is served by a partition whose share of the limit is off by a share within the band,
 * drawn once: "limits are applied on a best-effort basis" (Amazon API Gateway, request throttling).
 * Limits of all keys together are kept as they are written.
 */
export const bestEffort = (contract: Contract, chance: Chance): SimulatedLimiter => {
  const { overshoot, undershoot } = contract.bestEffort ?? ASSUMED_BAND;
  const shared = contract.limits.filter(({ scope }) => scope === 'all');
  const own = contract.limits.filter(({ scope }) => scope === 'key');
  const together = new Enforcer(shared);
  const byKey = new Map<string, Enforcer>();
  const partitionOf = (key: string): Enforcer => {
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const off = chance.fork('partition', key).float() * (overshoot + undershoot) - undershoot;
    const made = new Enforcer(scaled({ ...contract, limits: own }, off).limits);
    byKey.set(key, made);
    return made;
  };
  return {
    admit: ({ key, clockUs }: LimitedCall) => {
      const partition = partitionOf(key);
      const answer = partition.ask(key, clockUs);
      if (answer.kind === 'refused') return answer;
      const shares = together.ask(key, clockUs);
      if (shares.kind === 'refused') return shares;
      partition.take(key, clockUs);
      together.take(key, clockUs);
      return answer;
    },
  };
};
