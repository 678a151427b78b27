// Do time, order, chance and the digest keep what a run that can be repeated rests on?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chance, hash32 } from '../sim/kernel/chance.ts';
import { CHECKPOINT_LINES, Digest, firstDifference } from '../sim/kernel/digest.ts';
import { EventQueue } from '../sim/kernel/event-queue.ts';
import { VirtualClock } from '../sim/kernel/virtual-clock.ts';

test('events are played by time, then in the order in which they were asked for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 })), async (timesUs) => {
      const clock = new VirtualClock(0);
      const played: (readonly [number, number])[] = [];
      for (const [index, atUs] of timesUs.entries()) {
        clock.at(atUs, () => played.push([clock.nowUs(), index]));
      }
      expect(await clock.run({})).toBe(true);
      const asked = timesUs.map((atUs, index) => [atUs, index] as const);
      expect(played).toEqual(asked.toSorted(([a, i], [b, j]) => a - b || i - j));
      expect(clock.events).toBe(timesUs.length);
    }),
    { numRuns: 50 },
  );
});

test('sleeps that end together end in the order in which they began', async () => {
  const clock = new VirtualClock(1000);
  const woken: string[] = [];
  const sleeper = async (name: string, ...durationsUs: readonly number[]): Promise<void> => {
    for (const durationUs of durationsUs) await clock.sleep(durationUs);
    woken.push(`${name} at ${clock.nowUs()}`);
  };
  const all = [sleeper('late', 30, 20), sleeper('early', 50), sleeper('first', 10)];
  await clock.run({});
  await Promise.all(all);
  expect(woken).toEqual(['first at 1010', 'early at 1050', 'late at 1050']);
});

test('every promise that can settle has settled before the next event', async () => {
  const clock = new VirtualClock(0);
  const seen: string[] = [];
  clock.at(5, () => {
    void (async () => {
      for (let turn = 0; turn < 1000; turn += 1) await Promise.resolve();
      seen.push(`promises at ${clock.nowUs()}`);
      clock.at(clock.nowUs(), () => seen.push(`asked for by them at ${clock.nowUs()}`));
    })();
  });
  clock.at(5, () => seen.push(`next event at ${clock.nowUs()}`));
  clock.at(6, () => seen.push(`last event at ${clock.nowUs()}`));
  await clock.run({});
  expect(seen).toEqual([
    'promises at 5',
    'next event at 5',
    'asked for by them at 5',
    'last event at 6',
  ]);
});

test('an event asked for in the past happens now, after what was asked for before it', async () => {
  const clock = new VirtualClock(100);
  const played: string[] = [];
  clock.at(200, () => {
    clock.at(200, () => played.push(`now at ${clock.nowUs()}`));
    clock.at(150, () => played.push(`past at ${clock.nowUs()}`));
  });
  clock.at(3, () => played.push(`before the start at ${clock.nowUs()}`));
  await clock.run({});
  expect(played).toEqual(['before the start at 100', 'now at 200', 'past at 200']);
});

test('time is whole microseconds', () => {
  const clock = new VirtualClock(0);
  for (const atUs of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 * Number.MAX_SAFE_INTEGER]) {
    expect(() => clock.at(atUs, () => {})).toThrow('not a whole microsecond');
  }
});

test('a run stops where it is told to and goes on from there', async () => {
  const clock = new VirtualClock(0);
  const played: number[] = [];
  for (let atUs = 1; atUs <= 10; atUs += 1) clock.at(atUs, () => played.push(atUs));
  expect(await clock.run({ until: () => clock.events === 4 })).toBe(false);
  expect(played).toEqual([1, 2, 3, 4]);
  expect(clock.nowUs()).toBe(4);
  expect(await clock.run({})).toBe(true);
  expect(played).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('between events a caller may do real work while simulated time stands still', async () => {
  const clock = new VirtualClock(0);
  const seen: (readonly [number, number])[] = [];
  for (let atUs = 1; atUs <= 10; atUs += 1) clock.at(atUs, () => {});
  const between = async (): Promise<void> => {
    const beforeUs = clock.nowUs();
    await new Promise((resolve) => setImmediate(resolve));
    seen.push([beforeUs, clock.nowUs()]);
  };
  await clock.run({ between, betweenEvery: 4 });
  expect(seen).toEqual([
    [4, 4],
    [8, 8],
  ]);
});

test('the queue gives what a sorted list gives, however pushes and pops are mixed', () => {
  const step = fc.option(fc.integer({ min: -5, max: 20 }), { freq: 2 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const queue = new EventQueue();
      const list: { readonly atUs: number; readonly sequence: number }[] = [];
      let popped: number | undefined;
      for (const [sequence, atUs] of steps.entries()) {
        if (atUs === null) {
          popped = undefined;
          queue.pop()?.();
          expect(popped).toBe(list.shift()?.sequence);
        } else {
          queue.push(atUs, () => {
            popped = sequence;
          });
          list.push({ atUs, sequence });
          list.sort((one, other) => one.atUs - other.atUs || one.sequence - other.sequence);
        }
        expect(queue.size).toBe(list.length);
        expect(queue.peekUs()).toBe(list[0]?.atUs);
      }
    }),
  );
});

test('drawing from one fork moves no other, whatever was drawn before', () => {
  const key = fc.oneof(fc.string({ maxLength: 5 }), fc.nat({ max: 99 }));
  const keys = fc.array(key, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.integer(), keys, keys, fc.nat({ max: 20 }), (seed, one, other, draws) => {
      const fresh = tenFloats(new Chance(seed).fork(...one));
      const root = new Chance(seed);
      const neighbour = root.fork(...other);
      for (let draw = 0; draw < draws; draw += 1) {
        neighbour.float();
        root.hex(8);
      }
      expect(tenFloats(root.fork(...one))).toEqual(fresh);
    }),
  );
});

test('forking moves nothing either', () => {
  const root = new Chance(1);
  root.fork('a').fork('b');
  root.fork('a').float();
  expect(tenFloats(root)).toEqual(tenFloats(new Chance(1)));
});

test('streams of different names and seeds differ', () => {
  const root = new Chance(1);
  const streams = [
    root,
    root.fork('a'),
    root.fork('b'),
    root.fork('a', 'b'),
    root.fork('ab'),
    root.fork('a', 1),
    new Chance(2),
    new Chance(2).fork('a'),
  ];
  const drawn = streams.map((chance) => tenFloats(chance).join());
  expect(new Set(drawn).size).toBe(streams.length);
});

test('chance gives the same values on every Node', () => {
  const chance = new Chance(1).fork('clinic-a', 'dr.lee', 7, 'latency');
  expect(chance.hex(20)).toBe('306a5cc4b59d3bc17fe8');
  expect(chance.float()).toBe(0.8481150883481872);
  expect(chance.integer(0, 250_000)).toBe(123604);
  expect(chance.pick(['a', 'b', 'c'])).toBe('b');
  expect(chance.weighted([1, 2, 3])).toBe(2);
  expect(chance.exponential(1000)).toBe(449.5527516186518);
  expect(chance.normal()).toBe(1.2234982147500273);
  expect(chance.logNormal(400, 2.5)).toBe(918.7808488554722);
  expect([hash32(''), hash32('poolproof'), hash32('é')]).toEqual([
    -1421968373, -1837580113, -1158179223,
  ]);
});

test('a whole number lies within its bounds and reaches both', () => {
  const range = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.nat({ max: 1e9 }));
  fc.assert(
    fc.property(fc.integer(), range, (seed, [low, width]) => {
      const drawn = new Chance(seed).integer(low, low + width);
      expect(Number.isInteger(drawn)).toBe(true);
      expect(drawn).toBeGreaterThanOrEqual(low);
      expect(drawn).toBeLessThanOrEqual(low + width);
    }),
  );
  expect(new Set(draws(200, (chance) => chance.integer(-1, 1)))).toEqual(new Set([-1, 0, 1]));
});

test('weights are drawn in proportion, and what weighs nothing never', () => {
  const drawn = draws(12_000, (chance) => chance.weighted([0, 1, 0, 3, 2, 0]));
  const counts = [0, 1, 2, 3, 4, 5].map((index) => drawn.filter((one) => one === index).length);
  // Expected 2,000, 6,000 and 4,000; one standard deviation is at most 55.
  expect([counts[0], counts[2], counts[5]]).toEqual([0, 0, 0]);
  for (const [index, expected] of [
    [1, 2000],
    [3, 6000],
    [4, 4000],
  ] as const) {
    expect(Math.abs((counts[index] ?? 0) - expected)).toBeLessThan(275);
  }
});

test('floats fill [0, 1) evenly, and happens keeps its share', () => {
  const floats = draws(10_000, (chance) => chance.float());
  expect(floats.every((float) => float >= 0 && float < 1)).toBe(true);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const inside = floats.filter((float) => Math.floor(float * 10) === tenth).length;
    // Expected 1,000 with a standard deviation of 30.
    expect(Math.abs(inside - 1000)).toBeLessThan(150);
  }
  expect(draws(100, (chance) => chance.happens(0))).not.toContain(true);
  expect(draws(100, (chance) => chance.happens(1))).not.toContain(false);
});

test('the median and the 95th percentile of a log-normal draw are those asked for', () => {
  const drawn = draws(20_000, (chance) => chance.logNormal(400, 2.5));
  const below = (limit: number): number => drawn.filter((one) => one < limit).length / 20_000;
  expect(below(400)).toBeCloseTo(0.5, 1);
  expect(Math.abs(below(1000) - 0.95)).toBeLessThan(0.01);
});

test('equal lines give the equal digest and no difference', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 700 }), (lines) => {
      const [one, other] = [digestOf(lines), digestOf(lines)];
      expect(one.value()).toMatch(/^[0-9a-f]{64}$/);
      expect(other.value()).toBe(one.value());
      expect(firstDifference(one.checkpoints, other.checkpoints)).toBeUndefined();
    }),
    { numRuns: 30 },
  );
});

test('one changed, added or missing line changes the digest and is found in its range', () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `event ${index}`);
  const whole = digestOf(lines);
  whole.value();
  fc.assert(
    fc.property(fc.nat({ max: 999 }), fc.constantFrom('change', 'add', 'miss'), (at, how) => {
      const changed = lines.toSpliced(at, how === 'add' ? 0 : 1, ...(how === 'miss' ? [] : ['x']));
      const other = digestOf(changed);
      expect(other.value()).not.toBe(whole.value());
      const range = firstDifference(whole.checkpoints, other.checkpoints);
      expect(range?.from).toBe(at - (at % CHECKPOINT_LINES));
      expect(range?.to).toBe(at - (at % CHECKPOINT_LINES) + CHECKPOINT_LINES);
    }),
    { numRuns: 60 },
  );
});

test('a run that ends early differs where the other goes on', () => {
  const lines = Array.from({ length: 3 * CHECKPOINT_LINES }, (_, index) => `event ${index}`);
  const [long, short] = [digestOf(lines), digestOf(lines.slice(0, 2 * CHECKPOINT_LINES))];
  expect(short.value()).not.toBe(long.value());
  expect(firstDifference(long.checkpoints, short.checkpoints)?.from).toBe(2 * CHECKPOINT_LINES);
});

test('the digest of known lines is the same on every Node', () => {
  expect(digestOf(['a', 'é', '']).value()).toBe(
    '3b0c241206254e30d9d24d491f09c0dbd9f35c4d42ecc36f5df589c10d4dc880',
  );
  expect(digestOf([]).value()).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
});

const tenFloats = (chance: Chance): readonly number[] =>
  Array.from({ length: 10 }, () => chance.float());

const draws = <T>(count: number, draw: (chance: Chance) => T): readonly T[] => {
  const chance = new Chance('draws');
  return Array.from({ length: count }, () => draw(chance));
};

const digestOf = (lines: readonly string[]): Digest => {
  const digest = new Digest();
  for (const line of lines) digest.add(line);
  return digest;
};
