// How does the reference platform's own limiter look to the bench?

import { ADMITTED, type Contract } from '../domain/contract.ts';
import type { LimitContract } from '../domain/limit.ts';
import { UsagePlanLimiter } from '../protocol/limiter.ts';
import type { SimulatedLimiter } from './limiter.ts';

/** The contract in the terms of a usage plan, or why it cannot be one. */
export const usagePlanOf = ({ limits }: Pick<Contract, 'limits'>): LimitContract | string => {
  if (limits.some(({ scope }) => scope === 'all')) return 'it keeps limits of a key only';
  const [first, second, third] = limits;
  const bucket = first !== undefined && 'permitNs' in first ? first : undefined;
  const quota = bucket === undefined ? first : second;
  const rest = bucket === undefined ? second : third;
  if (rest !== undefined) return 'it keeps one bucket and one quota';
  if (quota !== undefined && quota.kind !== 'quota') return 'it keeps a bucket, then a quota';
  if (quota !== undefined && quota.zone !== 'UTC') return 'its quota knows no zone but UTC';
  return {
    ...(bucket === undefined
      ? {}
      : { rate: { requestsPerSecond: 1e9 / bucket.permitNs, burst: bucket.burst } }),
    ...(quota === undefined
      ? {}
      : {
          quota: {
            requests: quota.requests,
            period: quota.period,
            resetOffsetMinutes: quota.resetMinutes,
          },
        }),
  };
};

/** Throws for a contract that is no usage plan: ask `usagePlanOf` first. */
export const usagePlan = (contract: Pick<Contract, 'limits'>): SimulatedLimiter => {
  const plan = usagePlanOf(contract);
  if (typeof plan === 'string') throw new Error(`no usage plan: ${plan}`);
  const { limits } = contract;
  const throttling = limits.find((limit) => 'permitNs' in limit)?.name ?? '';
  const quota = limits.find(({ kind }) => kind === 'quota')?.name ?? '';
  const limiter = new UsagePlanLimiter();
  return {
    admit: ({ key, clockUs }) => {
      const permit = limiter.admit(key, plan, clockUs);
      if (permit.kind === 'admitted') return ADMITTED;
      const by = permit.by === 'THROTTLED' ? throttling : quota;
      return { kind: 'refused', by, retryAfterUs: permit.retryAfterUs };
    },
  };
};
