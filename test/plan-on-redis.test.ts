// Do front doors keep one usage plan between them in one Redis, to the permit, and fail when it is gone?

import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { openRedis } from '../sim/cli/redis.ts';
import type { LimitContract, Permit, Quota, RateLimit } from '../sim/domain/limit.ts';
import { PlanOnRedis } from '../sim/limiters.ts';
import { type OwnRedis, ownRedis } from './own-redis.ts';

const redisOf = async (context: TestContext): Promise<OwnRedis> => {
  const redis = await ownRedis(context);
  onTestFinished(() => redis.end());
  return redis;
};

/** Limiters of one run, each with a connection of its own, made as front doors make theirs. */
const plansOn = async (
  { url }: OwnRedis,
  count: number,
  run = 'run',
): Promise<readonly PlanOnRedis[]> => {
  const open = await openRedis(url);
  if (typeof open === 'string') throw new Error(open);
  const clients = await open.connect(count, 'lasting');
  onTestFinished(() => {
    for (const client of clients) client.disconnect();
  });
  return clients.map((client) => new PlanOnRedis(client, run));
};

/** Asked so often at once, by each plan in its turn. */
const asked = (
  plans: readonly PlanOnRedis[],
  contract: LimitContract,
  times: number,
): Promise<readonly Permit[]> =>
  Promise.all(
    Array.from({ length: times }, (_, index) => {
      const plan = plans[index % plans.length];
      if (plan === undefined) throw new Error('no plan');
      return plan.admit('clinic-a', contract);
    }),
  );

/** What was admitted, and why the rest was not, each with how many. */
const countsOf = (permits: readonly Permit[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const permit of permits) {
    const end = permit.kind === 'admitted' ? permit.kind : permit.by;
    counts[end] = (counts[end] ?? 0) + 1;
  }
  return counts;
};

/** A window of a minute, which no test outlives. */
const SLOW: RateLimit = { requestsPerSecond: 0.1, burst: 6 };
const quotaOf = (requests: number): Quota => ({
  ...{ requests, period: 'day', resetOffsetMinutes: 0 },
});

test('two front doors that ask at once admit one burst in a window between them', async (context) => {
  const plans = await plansOn(await redisOf(context), 2);
  const permits = await asked(plans, { rate: SLOW }, 40);
  expect(countsOf(permits)).toEqual({ admitted: 6, THROTTLED: 34 });
  for (const permit of permits)
    if (permit.kind === 'refused') {
      expect(permit.retryAfterUs).toBeGreaterThan(0);
      expect(permit.retryAfterUs).toBeLessThanOrEqual(60_000_000);
    }
});

test('two front doors admit one quota between them, and another run has its own', async (context) => {
  const redis = await redisOf(context);
  const contract = { quota: quotaOf(5) };
  const permits = await asked(await plansOn(redis, 2), contract, 12);
  expect(countsOf(permits)).toEqual({ admitted: 5, QUOTA_EXCEEDED: 7 });
  expect(countsOf(await asked(await plansOn(redis, 1, 'another'), contract, 2))).toEqual({
    admitted: 2,
  });
});

test('a call that the quota refuses gives its permit back', async (context) => {
  const [plan] = await plansOn(await redisOf(context), 1);
  if (plan === undefined) throw new Error('no plan');
  const spent = { rate: SLOW, quota: quotaOf(2) };
  for (const by of ['admitted', 'admitted', ...Array(20).fill('QUOTA_EXCEEDED')]) {
    const permit = await plan.admit('clinic-a', spent);
    expect(permit.kind === 'refused' ? permit.by : permit.kind).toBe(by);
  }
  // Two of six are taken, whatever was refused.
  expect(countsOf(await asked([plan], { rate: SLOW }, 10))).toEqual({ admitted: 4, THROTTLED: 6 });
});

test('a throttled call takes nothing, so that what is given back is there for the next', async (context) => {
  const [plan] = await plansOn(await redisOf(context), 1);
  if (plan === undefined) throw new Error('no plan');
  const rate = { requestsPerSecond: 0.1, burst: 2 };
  await asked([plan], { rate }, 10);
  const other = { rate: { ...rate, burst: 3 }, quota: quotaOf(1) };
  expect(countsOf([await plan.admit('clinic-a', other)])).toEqual({ admitted: 1 });
});

test('a window is as long as the bucket takes to fill, to the millisecond', async (context) => {
  const [plan] = await plansOn(await redisOf(context), 1);
  if (plan === undefined) throw new Error('no plan');
  // In whole seconds the first would be a second long, and the second would never end.
  for (const [requestsPerSecond, burst, windowUs] of [
    [2, 3, 1_500_000],
    [10, 5, 500_000],
  ] as const) {
    const rate = { requestsPerSecond, burst };
    const permits: Permit[] = [];
    for (let call = 0; call <= burst; call += 1)
      permits.push(await plan.admit(`key of ${burst}`, { rate }));
    const last = permits.at(-1);
    expect(countsOf(permits)).toEqual({ admitted: burst, THROTTLED: 1 });
    const waitUs = last?.kind === 'refused' ? last.retryAfterUs : 0;
    expect(waitUs).toBeGreaterThan(0);
    expect(waitUs).toBeLessThanOrEqual(windowUs);
    if (windowUs > 1_000_000) expect(waitUs).toBeGreaterThan(1_000_000);
    await expect
      .poll(async () => (await plan.admit(`key of ${burst}`, { rate })).kind, {
        timeout: 60_000,
      })
      .toBe('admitted');
  }
});

test('a Redis that is gone rejects at once, and serves again when it is back, by a count begun anew', async (context) => {
  const redis = await redisOf(context);
  const [plan] = await plansOn(redis, 1);
  if (plan === undefined) throw new Error('no plan');
  const contract = { quota: quotaOf(1) };
  expect(countsOf([await plan.admit('clinic-a', contract)])).toEqual({ admitted: 1 });
  await redis.end();
  for (let call = 0; call < 50; call += 1)
    await expect(plan.admit('clinic-a', contract)).rejects.toThrow();
  await redis.start();
  const kindNow = (): Promise<string> =>
    plan.admit('clinic-a', contract).then(
      ({ kind }) => kind,
      () => 'rejected',
    );
  await expect.poll(kindNow, { timeout: 60_000 }).toBe('admitted');
  expect(await kindNow()).toBe('refused');
});

test('a Redis that hangs makes calls fail, and none is kept for it when it goes on', async (context) => {
  const redis = await redisOf(context);
  const [plan] = await plansOn(redis, 1);
  if (plan === undefined) throw new Error('no plan');
  const contract = { quota: quotaOf(100) };
  redis.signal('SIGSTOP');
  const hung = Array.from({ length: 200 }, () => plan.admit('clinic-a', contract));
  const ends = await Promise.allSettled(hung);
  expect(ends.filter(({ status }) => status === 'fulfilled')).toEqual([]);
  // The connection is gone with all that waited in it: calls now fail at once.
  await expect(plan.admit('clinic-a', contract)).rejects.toThrow();
  redis.signal('SIGCONT');
  await expect
    .poll(
      () =>
        plan.admit('clinic-a', contract).then(
          () => 'said',
          () => 'failed',
        ),
      {
        timeout: 60_000,
      },
    )
    .toBe('said');
});
