// Are real requests read as they were written: formats, complaints, arrivals of clients, tenants.

import { readFileSync } from 'node:fs';
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { UsageError } from '../sim/domain/usage-error.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { HOUR_US, SECOND_US } from '../sim/kernel/clock.ts';
import { assign, zipfWeights } from '../sim/traces/assign.ts';
import { decodeTrace, detectFormat } from '../sim/traces/decode.ts';
import type { ClientWindow } from '../sim/traces/servegen.ts';
import { decodeClientWindows, expandClients, logNormalSizes } from '../sim/traces/servegen.ts';
import type { TraceRow } from '../sim/traces/trace.ts';
import { sampleTrace } from './sample-trace.ts';

const HEADER = 'TIMESTAMP,ContextTokens,GeneratedTokens';
const strict = { lenient: false };
const lenient = { lenient: true };
const sizes = logNormalSizes({ median: 900, ratioP95: 4 }, { median: 140, ratioP95: 3 });

test('the sample trace is the one that its generator makes', async () => {
  // `npx vitest run test/traces.test.ts -u` writes it again.
  await expect(sampleTrace()).toMatchFileSnapshot('../scenarios/traces/sample.csv');
});

test('the sample trace holds 600 requests within an hour, more bursty than chance', () => {
  const path = new URL('../scenarios/traces/sample.csv', import.meta.url);
  const { format, rows } = decodeTrace(undefined, readFileSync(path, 'utf8'), 'sample.csv', strict);
  expect(format).toBe('azure');
  expect(rows).toHaveLength(600);
  expect(rows.at(-1)?.atUs).toBeLessThan(HOUR_US);
  const gaps = rows.slice(1).map(({ atUs }, index) => atUs - (rows[index]?.atUs ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) * (gap - mean), 0) / gaps.length;
  expect(Math.sqrt(variance) / mean).toBeGreaterThan(1.3);
});

test('an Azure trace is read to the microsecond, from the first request on', () => {
  const text = [
    HEADER,
    '2023-11-16 23:59:59.9799609,374,44',
    '2023-11-17 00:00:00,396,0',
    '2023-11-17 00:00:01.5,1,2',
  ].join('\r\n');
  expect(decodeTrace(undefined, text, 'conv.csv', strict)).toEqual({
    format: 'azure',
    rows: [
      { atUs: 0, inputTokens: 374, outputTokens: 44 },
      { atUs: 20_040, inputTokens: 396, outputTokens: 0 },
      { atUs: 1_520_040, inputTokens: 1, outputTokens: 2 },
    ],
    skipped: [],
    outOfOrder: 0,
  });
});

test('a byte order mark, quotes, an offset, more columns and their order change nothing', () => {
  const plain = `${HEADER}\n2024-05-10 00:00:00.009930,374,44\n`;
  const dressed =
    '\ufeff"Region","GeneratedTokens","TIMESTAMP","ContextTokens"\r\n\r\n' +
    '"eu","44","2024-05-10 00:00:00.009930+00:00", 374 \n';
  const [one, other] = [plain, dressed].map((text) => decodeTrace(undefined, text, 'f', strict));
  expect(other).toEqual(one);
});

test('a Mooncake trace is read with its blocks', () => {
  const text =
    '{"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47]}\n\n' +
    '{"timestamp": 30535, "input_length": 6472, "output_length": 26}\n';
  expect(decodeTrace(undefined, text, 'moon.jsonl', strict)).toEqual({
    format: 'mooncake',
    rows: [
      { atUs: 0, inputTokens: 6955, outputTokens: 52, hashIds: [46, 47] },
      { atUs: 3_053_000, inputTokens: 6472, outputTokens: 26 },
    ],
    skipped: [],
    outOfOrder: 0,
  });
});

test('every broken row of a CSV is named with its line, column and field', () => {
  const text = [
    HEADER,
    '2023-11-16 18:15:46.6805900,374,44',
    '2023-02-30 18:15:46.6805900,x,44',
    '2023-11-16 18:15:47,1',
    '2023-11-16 18:15:48,1,"2',
    '2023-11-16 18:15:40,1,2',
  ].join('\n');
  expect(complaintsOf(() => decodeTrace('azure', text, 'a.csv', strict))).toBe(
    [
      'a.csv:3:1: TIMESTAMP: expected a UTC time `YYYY-MM-DD HH:MM:SS.fffffff`, found ' +
        '`2023-02-30 18:15:46.6805900`',
      'a.csv:3:29: ContextTokens: expected a whole number, 0 or more, found `x`',
      'a.csv:4: expected 3 fields, found 2',
      'a.csv:5:23: GeneratedTokens: expected a whole number, 0 or more, found `"2`',
      'a.csv:6: TIMESTAMP: expected a time no earlier than that of the row before',
      '  hint: `--lenient` skips broken rows and says how many',
    ].join('\n'),
  );
});

test('every broken row of JSON lines is named with its line and field', () => {
  const text = [
    '{"timestamp": 0, "input_length": 1, "output_length": 1}',
    '{"timestamp": "1", "output_length": 1.5, "hash_ids": [-1]}',
    '{"timestamp": 2, "input_le',
  ].join('\n');
  expect(complaintsOf(() => decodeTrace(undefined, text, 'm', strict))).toBe(
    [
      'm:2: timestamp: expected milliseconds, 0 or more, found `"1"`',
      'm:2: input_length: expected a whole number, 0 or more, found nothing',
      'm:2: output_length: expected a whole number, 0 or more, found `1.5`',
      'm:2: hash_ids: expected a list of whole numbers, found `[-1]`',
      'm:3: expected a JSON object, found `{"timestamp": 2, "input_le`',
      '  hint: `--lenient` skips broken rows and says how many',
    ].join('\n'),
  );
});

test('at most twenty broken rows are listed and the rest are counted', () => {
  const text = `${HEADER}\n2023-11-16 18:15:46,1,1\n${'?,1,1\n'.repeat(45)}`;
  const lines = complaintsOf(() => decodeTrace(undefined, text, 'a.csv', strict)).split('\n');
  expect(lines).toHaveLength(22);
  expect(lines[20]).toBe('a.csv: and 25 more');
  expect(lines[21]).toContain('--lenient');
});

const stamped = fc.record({
  second: fc.integer({ min: 10, max: 59 }),
  broken: fc.boolean(),
});

test.prop([fc.array(stamped, { minLength: 1 })])(
  'leniency keeps every sound row in order of time, and each row is kept or complained of',
  (rows) => {
    const text = rows.map(({ second, broken }, index) => {
      return `2023-11-16 18:15:${second},${broken ? 'x' : index},1`;
    });
    const sound = rows.flatMap(({ second, broken }, index) => (broken ? [] : [{ second, index }]));
    if (sound.length === 0) return;
    const file = [HEADER, ...text].join('\n');
    const decoded = decodeTrace(undefined, file, 'a.csv', lenient);
    const sorted = [...sound].sort((a, b) => a.second - b.second || a.index - b.index);
    expect(decoded.rows.map((row) => row.inputTokens)).toEqual(sorted.map(({ index }) => index));
    expect(decoded.rows.length + decoded.skipped.length).toBe(rows.length);
    const late = sound.filter(({ second }, at) => second < (sound[at - 1]?.second ?? 0)).length;
    expect(decoded.outOfOrder).toBe(late);
  },
);

test('an empty trace is a complaint, lenient or not', () => {
  for (const leniency of [strict, lenient]) {
    const read = (text: string) => () => decodeTrace(undefined, text, 'a.csv', leniency);
    expect(complaintsOf(read(''))).toContain('a.csv:1: expected a trace, found an empty file');
    const none = 'a.csv: expected at least one sound row, found none';
    expect(complaintsOf(read(HEADER))).toBe(none);
    expect(complaintsOf(read(`${HEADER}\n?,1,1`))).toContain(none);
  }
});

test('a missing column is a complaint that leniency does not forgive', () => {
  const text = 'TIMESTAMP,Context,GeneratedTokens\n2023-11-16 18:15:46,1,1\n';
  expect(complaintsOf(() => decodeTrace(undefined, text, 'a.csv', lenient))).toBe(
    'a.csv:1: expected a column `ContextTokens`, found `TIMESTAMP,Context,GeneratedTokens`\n' +
      `  hint: the header is \`${HEADER}\``,
  );
});

test('an unknown format is named with its first line and the formats that are known', () => {
  const message = complaintsOf(() => decodeTrace(undefined, '\n<xml>\n', 'a.xml', strict));
  expect(message).toContain('a.xml:1: unknown trace format, the first line is `<xml>`');
  expect(message).toContain('`azure`, `mooncake`, `servegen`');
});

test('a ServeGen file is recognised and is no trace of requests', () => {
  expect(detectFormat(SERVEGEN)).toBe('servegen');
  const message = complaintsOf(() => decodeTrace(undefined, SERVEGEN, 'chunk.csv', strict));
  expect(message).toContain('describes the arrivals of a client');
});

const SERVEGEN = [
  '0,0.05,2.0,Gamma,0.25,80',
  '600,0,0,,0,0',
  '1200,0.32,5.807,Weibull,0.4735,3.345',
  '1800,1e-2,1.0,Gamma,1.0,100.0',
].join('\n');

test('the windows of a client are read, idle ones included', () => {
  const { windows } = decodeClientWindows(SERVEGEN, 'chunk.csv', strict);
  expect(windows.map(({ fromUs, toUs }) => [fromUs / SECOND_US, toUs / SECOND_US])).toEqual([
    [0, 600],
    [600, 1200],
    [1200, 1800],
    [1800, 2400],
  ]);
  expect(windows.map(({ gaps }) => gaps)).toEqual([
    { family: 'gamma', shape: 0.25 },
    undefined,
    { family: 'weibull', shape: 0.4735 },
    { family: 'gamma', shape: 1 },
  ]);
});

test('broken windows are named, and one left out does not lengthen its neighbour', () => {
  const text = [
    '0,0.05,2.0,Gamma,0.25,80',
    '600,0.5,1,Pareto,0,1',
    '1200,-1,1,Gamma,1,1',
    '1200,0,0,,0,0',
    '1200,0,0,,0,0',
    '1800,0,0,,0,0',
    '2400,0,0',
    '3000,0,0,,0,0',
  ].join('\n');
  const read = (leniency: { lenient: boolean }) => decodeClientWindows(text, 'c.csv', leniency);
  expect(complaintsOf(() => read(strict))).toBe(
    [
      'c.csv:2:11: distribution: expected `Gamma` or `Weibull`, found `Pareto`',
      'c.csv:2:18: shape: expected a shape above 0 and below 1000000, found `0`',
      'c.csv:3:6: rate: expected requests per second, from 0 to 1000000, found `-1`',
      'c.csv:5:1: start: expected whole seconds, later than the row before, found `1200`',
      'c.csv:7: expected 6 fields, found 3',
      '  hint: `--lenient` skips broken rows and says how many',
    ].join('\n'),
  );
  const { windows, skipped } = read(lenient);
  expect(skipped).toHaveLength(5);
  expect(windows.map(({ fromUs, toUs }) => [fromUs / SECOND_US, toUs / SECOND_US])).toEqual([
    [0, 600],
    [1200, 1800],
    [1800, 2400],
    [3000, 3600],
  ]);
});

const anyWindows: fc.Arbitrary<readonly ClientWindow[]> = fc
  .array(
    fc.record({
      requestsPerSecond: fc.integer({ min: 0, max: 60 }).map((count) => count / 600),
      gaps: fc.option(
        fc.record({
          family: fc.constantFrom('gamma' as const, 'weibull' as const),
          shape: fc.double({ min: 0.001, max: 50, noNaN: true }),
        }),
        { nil: undefined },
      ),
    }),
    { maxLength: 5 },
  )
  .map((windows) =>
    windows.map((window, index) => ({
      ...window,
      cv: 1,
      fromUs: index * 600 * SECOND_US,
      toUs: (index + 1) * 600 * SECOND_US,
    })),
  );

test.prop([anyWindows, anyWindows, fc.integer()])(
  'each window gives as many requests as were measured in it, inside it, whatever the seed',
  (first, second, seed) => {
    const clients = [
      { client: 'first', windows: first },
      { client: 'second', windows: second },
    ];
    const rows = expandClients(clients, sizes, new Chance(seed));
    for (const { client, windows } of clients) {
      for (const { fromUs, toUs, requestsPerSecond, gaps } of windows) {
        const inside = rows.filter(
          (row) => row.client === client && row.atUs >= fromUs && row.atUs < toUs,
        );
        expect(inside).toHaveLength(gaps === undefined ? 0 : Math.round(requestsPerSecond * 600));
      }
    }
    const times = rows.map(({ atUs }) => atUs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every(Number.isSafeInteger)).toBe(true);
  },
);

test.prop([anyWindows, anyWindows, fc.integer()])(
  'a client sends the same whether or not another is there',
  (first, second, seed) => {
    const alone = expandClients([{ client: 'a', windows: first }], sizes, new Chance(seed));
    const clients = [
      { client: 'b', windows: second },
      { client: 'a', windows: first },
    ];
    const together = expandClients(clients, sizes, new Chance(seed));
    expect(together.filter(({ client }) => client === 'a')).toEqual(alone);
  },
);

const anyRows: fc.Arbitrary<readonly TraceRow[]> = fc.array(
  fc.record({
    atUs: fc.integer({ min: 0, max: 1e12 }),
    inputTokens: fc.nat(),
    outputTokens: fc.nat(),
  }),
);

test.prop([anyRows, anyRows, fc.integer()])(
  'the tenant of a row depends on its number alone',
  (rows, more, seed) => {
    const options = {
      tenants: { kind: 'zipf', tenants: 50, exponent: 1 },
      timeScale: 1,
      chance: new Chance(seed),
    } as const;
    const assigned = assign([...rows, ...more], options);
    expect(assigned.slice(0, rows.length)).toEqual(assign(rows, options));
    expect(assigned.every(({ tenantIndex }) => tenantIndex >= 0 && tenantIndex < 50)).toBe(true);
  },
);

test('tenants get traffic by their weights', () => {
  const rows = Array.from({ length: 30_000 }, (_, atUs) => row(atUs));
  const weights = zipfWeights(10, 1.2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const tenants = { kind: 'zipf', tenants: 10, exponent: 1.2 } as const;
  const assigned = assign(rows, { tenants, timeScale: 1, chance: new Chance(5) });
  for (const [index, weight] of weights.entries()) {
    const expected = (rows.length * weight) / total;
    const got = assigned.filter(({ tenantIndex }) => tenantIndex === index).length;
    expect(Math.abs(got - expected)).toBeLessThan(4 * Math.sqrt(expected));
  }
});

test('a tenant without weight gets nothing', () => {
  const rows = Array.from({ length: 1000 }, (_, atUs) => row(atUs));
  const tenants = { kind: 'weights', weights: [0, 1, 0, 3, 0] } as const;
  const assigned = assign(rows, { tenants, timeScale: 1, chance: new Chance(5) });
  expect(new Set(assigned.map(({ tenantIndex }) => tenantIndex))).toEqual(new Set([1, 3]));
});

test('the rows of one client go to one tenant', () => {
  const rows = Array.from({ length: 100 }, (_, n) => ({ ...row(n), client: `c${n % 4}` }));
  const tenants = { kind: 'zipf', tenants: 1000, exponent: 0 } as const;
  const assigned = assign(rows, { tenants, timeScale: 1, chance: new Chance(5) });
  const pairs = new Set(assigned.map(({ tenantIndex }, n) => `${n % 4} ${tenantIndex}`));
  expect(pairs.size).toBe(4);
});

test('a time scale of a half replays twice as fast', () => {
  const tenants = { kind: 'weights', weights: [1] } as const;
  const options = { tenants, timeScale: 0.5, chance: new Chance(1) };
  const assigned = assign([row(0), row(1001), row(4000)], options);
  expect(assigned.map(({ atUs }) => atUs)).toEqual([0, 501, 2000]);
});

test('weights and scales that mean nothing are refused', () => {
  const assigning = (weights: readonly number[], timeScale: number) => () =>
    assign([row(0)], { tenants: { kind: 'weights', weights }, timeScale, chance: new Chance(1) });
  expect(assigning([1], 1)).not.toThrow();
  expect(assigning([], 1)).toThrow(RangeError);
  expect(assigning([0, 0], 1)).toThrow(RangeError);
  expect(assigning([1, -1], 1)).toThrow(RangeError);
  expect(assigning([1], 0)).toThrow(RangeError);
});

const row = (atUs: number): TraceRow => ({ atUs, inputTokens: 1, outputTokens: 1 });

/** The text of the usage error that the action throws. */
const complaintsOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('expected a usage error, and none was thrown');
};
