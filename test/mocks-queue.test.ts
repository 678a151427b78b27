// Are slots and token quotas of a mocked model shared as they promise?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FairSlots } from '../mocks/fair-slots.ts';
import { TokenQuota } from '../mocks/token-quota.ts';
import { MINUTE_US } from '../sim/kernel/clock.ts';

/** Takes for each share in order, all slots taken; the order in which they are served. */
const servedOrder = async (slots: FairSlots, shares: readonly string[]): Promise<string[]> => {
  const order: string[] = [];
  const waits = shares.map(async (share, index) => {
    const served = await slots.take(share);
    order.push(served ? `${share}${index}` : `-${share}${index}`);
  });
  await Promise.resolve();
  for (let turn = 0; turn < shares.length; turn += 1) {
    slots.giveBack();
    await Promise.resolve();
    await Promise.resolve();
  }
  await Promise.all(waits);
  return order;
};

test('shares take turns, and inside a share the first to come is the first served', async () => {
  const slots = new FairSlots(1, 10);
  expect(slots.take('x')).toBe(true);
  const order = await servedOrder(slots, ['a', 'a', 'a', 'b', 'c', 'b']);
  expect(order).toEqual(['a0', 'b3', 'c4', 'a1', 'b5', 'a2']);
});

test('one share alone stands in one line', async () => {
  const slots = new FairSlots(1, 10);
  slots.take('');
  expect(await servedOrder(slots, ['', '', ''])).toEqual(['0', '1', '2']);
});

test('between two turns of a waiting share no other share is served twice', async () => {
  const shares = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(shares, async (asked) => {
      const slots = new FairSlots(1, 100);
      slots.take('x');
      const order = (await servedOrder(slots, asked)).map((served) => served.charAt(0));
      for (const share of new Set(asked)) {
        let others: string[] = [];
        for (const served of order.slice(0, order.lastIndexOf(share) + 1)) {
          if (served === share) {
            expect(new Set(others).size).toBe(others.length);
            others = [];
          } else others.push(served);
        }
      }
    }),
  );
});

test('a full queue turns the longest share away, never the one that waits for less', async () => {
  const slots = new FairSlots(1, 3);
  slots.take('x');
  const order = await servedOrder(slots, ['a', 'a', 'a', 'a', 'b']);
  expect(order.filter((served) => served.startsWith('-')).sort()).toEqual(['-a2', '-a3']);
  expect(order).toContain('b4');
  expect(slots.queued).toBe(0);
});

test('a full queue of equal shares refuses the newcomer', async () => {
  const slots = new FairSlots(1, 3);
  slots.take('x');
  expect(await servedOrder(slots, ['a', 'a', 'b', 'b'])).toEqual(['-b3', 'a0', 'b2', 'a1']);
});

test('what was reserved in one minute is not given back in the next', () => {
  const quota = quotaOf();
  const late = quota.reserve({ share: 'a', inputTokens: 100, maxTokens: 900 }, MINUTE_US - 1);
  if (typeof late === 'string') throw new Error(late);
  quota.settle(late, 10, MINUTE_US);
  expect(quota.reserve({ share: 'a', inputTokens: 1001, maxTokens: 0 }, MINUTE_US)).toBe('input');
});

const quotaOf = (shareFraction?: number): TokenQuota =>
  new TokenQuota({ inputTokensPerMinute: 1000, outputTokensPerMinute: 100, shareFraction });

test('a quota counts max_tokens while a call runs and gives them back afterwards', () => {
  const quota = quotaOf();
  const first = quota.reserve({ share: 'a', inputTokens: 300, maxTokens: 600 }, 0);
  if (typeof first === 'string') throw new Error(first);
  expect(quota.reserve({ share: 'b', inputTokens: 101, maxTokens: 0 }, 0)).toBe('input');
  quota.settle(first, 20, 1);
  expect(quota.reserve({ share: 'b', inputTokens: 700, maxTokens: 0 }, 1)).toBeTypeOf('object');
  expect(quota.reserve({ share: 'b', inputTokens: 1, maxTokens: 0 }, 1)).toBe('input');
  expect(quota.reserve({ share: 'b', inputTokens: 1000, maxTokens: 0 }, MINUTE_US)).toBeTypeOf(
    'object',
  );
});

test('spent output refuses until the next minute', () => {
  const quota = quotaOf();
  const first = quota.reserve({ share: 'a', inputTokens: 1, maxTokens: 100 }, 0);
  if (typeof first === 'string') throw new Error(first);
  quota.settle(first, 100, 1);
  expect(quota.reserve({ share: 'a', inputTokens: 1, maxTokens: 1 }, 2)).toBe('output');
  expect(quota.reserve({ share: 'a', inputTokens: 1, maxTokens: 1 }, MINUTE_US)).toBeTypeOf(
    'object',
  );
});

test('a share that used its fraction leaves the rest to the others', () => {
  const quota = quotaOf(0.5);
  expect(quota.reserve({ share: 'a', inputTokens: 500, maxTokens: 0 }, 0)).toBeTypeOf('object');
  expect(quota.reserve({ share: 'a', inputTokens: 1, maxTokens: 0 }, 0)).toBe('input');
  expect(quota.reserve({ share: 'b', inputTokens: 500, maxTokens: 0 }, 0)).toBeTypeOf('object');
});
