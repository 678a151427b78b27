// Which platforms admit more than was promised, or less?

import type { LimitContract, Permit } from '../../sim/domain/limit.ts';
import type { LimiterPort } from '../../sim/domain/ports.ts';
import { periodStartUs } from '../../sim/kernel/calendar.ts';
import { deceiving, replacing } from '../../sim/platforms/overriding.ts';
import { UsagePlanLimiter } from '../../sim/protocol/limiter.ts';
import type { Broken } from './break.ts';

const ADMITTED: Permit = { kind: 'admitted' };
const THROTTLED: Permit = { kind: 'refused', by: 'THROTTLED', retryAfterUs: 1_000_000 };
const SPENT: Permit = { kind: 'refused', by: 'QUOTA_EXCEEDED', retryAfterUs: 1_000_000 };

const limiting = (make: () => LimiterPort['admit']): Broken['make'] =>
  replacing(({ limiters }) => ({ limiters: { ...limiters, 'front-door': { admit: make() } } }));

/** A sound limiter that is asked for something else. */
const asking = (
  change: (key: string, contract: LimitContract) => readonly [string, LimitContract],
): Broken['make'] =>
  limiting(() => {
    const sound = new UsagePlanLimiter();
    const contracts = new Map<string, LimitContract>();
    return (key, contract, nowUs) => {
      const [name, asked] = change(key, contract);
      // Equal contracts must be one object, or each call would count as a change.
      const known = contracts.get(JSON.stringify(asked)) ?? asked;
      contracts.set(JSON.stringify(asked), known);
      return sound.admit(name, known, nowUs);
    };
  });

export const LIMITS: readonly Broken[] = [
  { does: 'the limiter admits everybody', under: 'flood', make: limiting(() => () => ADMITTED) },
  {
    does: 'the front door asks the limiter and does not listen',
    under: 'flood',
    make: deceiving('front-door', () => (hop) => ({
      admit: (limiter, key, contract) => {
        hop.admit(limiter, key, contract);
        return ADMITTED;
      },
    })),
  },
  {
    does: 'the tenants of a tier share a bucket',
    under: 'flood',
    make: asking((_key, contract) => [JSON.stringify(contract), contract]),
  },
  {
    does: 'two replicas of the limiter count apart',
    under: 'flood',
    make: limiting(() => {
      const replicas = [new UsagePlanLimiter(), new UsagePlanLimiter()] as const;
      let calls = 0;
      return (key, contract, nowUs) => {
        calls += 1;
        return replicas[calls % 2 === 0 ? 0 : 1].admit(key, contract, nowUs);
      };
    }),
  },
  {
    does: 'a minute begins with all its permits',
    under: 'flood',
    make: limiting(() => {
      const admitted = new Map<string, number>();
      return (key, { rate }, nowUs) => {
        const window = `${key} ${Math.floor(nowUs / 60_000_000)}`;
        const count = (admitted.get(window) ?? 0) + 1;
        admitted.set(window, count);
        return count > 60 * (rate?.requestsPerSecond ?? 1) + (rate?.burst ?? 0)
          ? THROTTLED
          : ADMITTED;
      };
    }),
  },
  {
    does: 'the quota ends one request early',
    under: 'flood',
    make: asking((key, contract) => {
      const { quota } = contract;
      return [
        key,
        quota === undefined
          ? contract
          : { ...contract, quota: { ...quota, requests: quota.requests - 1 } },
      ];
    }),
  },
  {
    does: 'a refused request uses up quota',
    under: 'flood',
    make: limiting(() => {
      const sound = new UsagePlanLimiter();
      const asked = new Map<string, number>();
      return (key, contract, nowUs) => {
        const period = periodStartUs(nowUs, 'day', 0);
        const count = (asked.get(`${key} ${period}`) ?? 0) + 1;
        asked.set(`${key} ${period}`, count);
        if (count > (contract.quota?.requests ?? Number.POSITIVE_INFINITY)) return SPENT;
        return sound.admit(key, contract, nowUs);
      };
    }),
  },
];
