// Does the book of traces notice every way in which a trace can be wrong, and leave a right one alone?

import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { TraceBook, type TraceJudgement, type TraceSettings } from '../sim/checks.ts';
import { mintCanary } from '../sim/domain/canary.ts';
import type { ReceivedSpan } from '../sim/domain/received-span.ts';
import { reportedFinding } from '../sim/report/assemble.ts';
import { findingLines } from '../sim/report/finding-text.ts';
import { traceLines } from '../sim/report/trace-lines.ts';

const SECOND_US = 1_000_000;
const T = 'a1'.repeat(16);
const idOf = (number: number): string => number.toString(16).padStart(16, '0');
const CLINIC = { 'tenant.id': 'clinic-a', 'tenant.tier': 'basic', 'tenant.scope': 'nurse' };
const RESOURCE = { 'service.name': 'platform' };

const span = (number: number, parent: number, more: Partial<ReceivedSpan> = {}): ReceivedSpan => ({
  traceId: T,
  spanId: idOf(number),
  parentSpanId: parent === 0 ? undefined : idOf(parent),
  name: 'runtime POST',
  service: 'platform',
  startUs: number * 1000,
  endUs: number * 1000 + 500,
  attributes: CLINIC,
  events: [],
  links: [],
  resource: RESOURCE,
  remarks: [],
  ...more,
});

/** A request through four hops. */
const CLEAN: readonly ReceivedSpan[] = [
  span(1, 0, { name: 'front-door POST' }),
  span(2, 1, { name: 'runtime POST' }),
  span(3, 2, { name: 'gateway POST' }),
  span(4, 3, { name: 'tools POST' }),
];

/** The clean trace with one span in another form. */
const changed = (number: number, more: Partial<ReceivedSpan>): readonly ReceivedSpan[] =>
  CLEAN.map((one) => (one.spanId === idOf(number) ? { ...one, ...more } : one));

const judged = (spans: readonly ReceivedSpan[], settings: TraceSettings = {}): TraceJudgement => {
  const book = new TraceBook(settings);
  book.see(spans, 0);
  return book.conclude();
};

const findingsOf = ({ verdicts }: TraceJudgement): readonly string[] =>
  verdicts.flatMap(({ findings }) =>
    findings.map(({ violation }) => {
      const { promise, boundary, relation, sink, title } = violation;
      return `${promise} ${boundary}, ${relation}, ${sink}: ${title}`;
    }),
  );

test('a trace of one tenant from hop to hop is clean, and is evidence', () => {
  const judgement = judged(CLEAN);
  expect(findingsOf(judgement)).toEqual([]);
  expect(judgement.verdicts).toMatchObject([
    { promise: 'I1', evidence: 4 },
    { promise: 'I5', evidence: 4, controls: 4 },
  ]);
  expect(judgement.counts).toEqual({
    ...{ spans: 4, repeated: 0, late: 0, complete: 1, contradictory: 0, nameless: 0 },
    unfinished: { beginningMissing: 0, parentMissing: 0, tooLarge: 0, crowdedOut: 0 },
    beginnings: [['front-door POST', 1]],
  });
  expect(traceLines(judgement.counts)).toEqual(['4 spans of 1 trace: 1 complete.']);
});

test('nothing received is no evidence', () => {
  const { verdicts, counts } = judged([]);
  expect(verdicts.map(({ evidence }) => evidence)).toEqual([0, 0]);
  expect(traceLines(counts)).toEqual(['No spans were received.']);
});

const OTHER = { ...CLINIC, 'tenant.id': 'hospital-b' };
const NOBODY = { attributes: {} };
const BEARER = 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln';
const CANARY = mintCanary({ owner: 7, kind: 'record', serial: 12 });

const BROKEN: readonly (readonly [string, readonly ReceivedSpan[], string])[] = [
  [
    'two spans that name different tenants',
    changed(3, { attributes: OTHER }),
    'I5 gateway, other tenant, span: a trace names two tenants',
  ],
  [
    'a tenant of another tier',
    changed(4, { attributes: { ...CLINIC, 'tenant.tier': 'premium' } }),
    'I5 tools, other tenant.tier, span: a trace names two callers by their tenant.tier',
  ],
  [
    'a wider scope',
    changed(4, { attributes: { ...CLINIC, 'tenant.scope': 'physician' } }),
    'I5 tools, other tenant.scope, span: a trace names two callers by their tenant.scope',
  ],
  [
    'a hop that loses the tenant',
    changed(4, NOBODY),
    'I5 tools, same trace, span: a span does not name whom its trace is for',
  ],
  [
    'a hop that loses the scope alone',
    changed(4, { attributes: { 'tenant.id': 'clinic-a', 'tenant.tier': 'basic' } }),
    'I5 tools, same trace, span: a span does not name whom its trace is for',
  ],
  [
    'a hop below one that names its tenant, by a clock that is behind',
    changed(2, { ...NOBODY, startUs: 10 }),
    'I5 runtime, same trace, span: a span does not name whom its trace is for',
  ],
  [
    'a later hop beside the one that names its tenant',
    changed(4, { ...NOBODY, parentSpanId: idOf(1) }).map((one) =>
      one.parentSpanId === undefined ? { ...one, attributes: {} } : one,
    ),
    'I5 tools, same trace, span: a span does not name whom its trace is for',
  ],
  [
    'two beginnings',
    changed(3, { parentSpanId: undefined }),
    'I5 gateway, same trace, span: a trace begins twice',
  ],
  [
    'a circle beside the beginning',
    changed(3, { parentSpanId: idOf(4) }),
    'I5 gateway, same trace, span: a span is its own ancestor',
  ],
  [
    'a span that is its own parent',
    changed(4, { parentSpanId: idOf(4) }),
    'I5 tools, same trace, span: a span is its own ancestor',
  ],
  [
    'two spans of one id',
    [...CLEAN, span(4, 3, { name: 'memory POST' })],
    'I5 memory, same trace, span: two spans of one trace have one id',
  ],
  ...(
    [
      ['name', { name: `tools POST ${CANARY}` }],
      ['attribute', { attributes: { ...CLINIC, note: CANARY } }],
      ['attribute', { attributes: { ...CLINIC, note: JSON.stringify([{ a: CANARY }]) } }],
      ['attribute', { attributes: { ...CLINIC, [CANARY]: true } }],
      ['attribute', { attributes: { ...CLINIC, note: Buffer.from(CANARY).toString('base64') } }],
      ['event', { events: [{ name: CANARY, atUs: 0, attributes: {} }] }],
      ['event', { events: [{ name: 'e', atUs: 0, attributes: { note: CANARY } }] }],
      [
        'link',
        { links: [{ traceId: T, spanId: idOf(9), attributes: { note: CANARY }, remark: '' }] },
      ],
      ['link', { links: [{ traceId: T, spanId: idOf(9), attributes: {}, remark: CANARY }] }],
      ['status or state', { remarks: [`failed on ${CANARY}`] }],
      ['resource', { resource: { ...RESOURCE, note: CANARY } }],
    ] as const
  ).map(
    ([place, more]) =>
      [
        `a canary in its ${place}`,
        changed(4, more),
        `I1 tools, operator, span ${place}: content in a span`,
      ] as const,
  ),
  ...(
    [
      ['name', { name: `tools ${BEARER}` }],
      ['attribute', { attributes: { ...CLINIC, 'http.request.header.authorization': BEARER } }],
      ['event', { events: [{ name: 'e', atUs: 0, attributes: { header: BEARER } }] }],
    ] as const
  ).map(
    ([place, more]) =>
      [
        `a bearer token in its ${place}`,
        changed(4, more),
        `I1 tools, anyone, span ${place}: a bearer token in a span`,
      ] as const,
  ),
];

test.each(BROKEN)('a trace with %s is a finding', (_what, spans, finding) => {
  expect(findingsOf(judged(spans))).toEqual([finding]);
  // Whatever the order, and however the spans came in.
  const book = new TraceBook();
  for (const one of [...spans].sort((a, b) => b.endUs - a.endUs)) book.see([one], 0);
  expect(findingsOf(book.conclude()).length).toBe(1);
});

test('a finding tells its trace, repeats no secret, and has one id in every run', () => {
  const spans = changed(4, {
    name: `tools ${BEARER}`,
    attributes: { ...OTHER, note: CANARY, 'tenant.scope': CANARY },
  });
  const { verdicts } = judged(spans, { ownerName: (owner) => `reader ${owner}` });
  const lines = verdicts.flatMap(({ promise, findings }) =>
    findings.flatMap((told) => findingLines(reportedFinding(promise, told, 'npx poolproof'))),
  );
  const text = lines.join('\n');
  expect(text).toMatch(/E1 = .* {2}tools wrote a span with a record of reader 7 in its attribute/);
  expect(text).toMatch(/whose tenant.id names `hospital-b`/);
  expect(text).toMatch(/of front-door, the first of its trace to say so, names `clinic-a`/);
  expect(text).toMatch(/gateway emitted a span gateway POST/);
  expect(text).not.toMatch(/eyJ|460937/);
  const idsOf = (judgement: TraceJudgement): readonly string[] =>
    judgement.verdicts.flatMap(({ findings }) => findings.map(({ id }) => id));
  const elsewhere = spans.map((one) => ({
    ...one,
    traceId: 'b2'.repeat(16),
    startUs: one.startUs + 5,
  }));
  expect(idsOf(judged(elsewhere))).toEqual(idsOf(judged(spans)));
});

test('spans before anybody is verified name nobody, when it is said which those are', () => {
  const fetched = [...CLEAN, span(5, 1, { ...NOBODY, name: 'identity GET', startUs: 1500 })];
  expect(findingsOf(judged(fetched))).toHaveLength(1);
  const isEarly = ({ name }: ReceivedSpan): boolean => name === 'identity GET';
  expect(findingsOf(judged(fetched, { isEarly }))).toEqual([]);
  // Naming somebody else is no less wrong for being early.
  const wrong = [...CLEAN, span(5, 1, { attributes: OTHER, name: 'identity GET' })];
  expect(findingsOf(judged(wrong, { isEarly }))).toHaveLength(1);
});

test('a trace that names nobody is counted, and a finding where somebody must be named', () => {
  const nameless = CLEAN.map((one) => ({ ...one, attributes: { status: 200 } }));
  const { counts, ...rest } = judged(nameless);
  expect(findingsOf({ counts, ...rest })).toEqual([]);
  expect(counts.nameless).toBe(1);
  const mustName = ({ attributes }: ReceivedSpan): boolean => Number(attributes['status']) < 400;
  expect(findingsOf(judged(nameless, { mustName }))).toEqual([
    'I5 front-door, same trace, span: an answered request names nobody',
  ]);
  const refused = CLEAN.map((one) => ({ ...one, attributes: { status: 401 } }));
  expect(findingsOf(judged(refused, { mustName }))).toEqual([]);
  expect(findingsOf(judged(CLEAN, { mustName }))).toEqual([]);
});

test('a trace under a parent that the asker sent begins there', () => {
  const under = changed(1, { parentSpanId: idOf(99) });
  expect(judged(under).counts).toMatchObject({ complete: 0, unfinished: { beginningMissing: 1 } });
  const isSent = (trace: string, parent: string): boolean => trace === T && parent === idOf(99);
  expect(judged(under, { isSent }).counts).toMatchObject({
    complete: 1,
    beginnings: [['front-door POST', 1]],
  });
});

test('a complete trace is let go of when it is quiet, an incomplete one when patience ends', () => {
  const book = new TraceBook({ quietUs: 10 * SECOND_US, patienceUs: 60 * SECOND_US });
  const [first, ...others] = CLEAN;
  if (first === undefined) throw new Error('no span');
  book.see(others, 0);
  book.see([first], 9 * SECOND_US);
  const other = { ...first, traceId: 'b2'.repeat(16), parentSpanId: idOf(77) };
  book.see([other], 9 * SECOND_US);
  book.tick(18 * SECOND_US);
  // Still open: what comes now is no latecomer.
  book.see([span(5, 4)], 18 * SECOND_US);
  book.tick(28 * SECOND_US);
  book.see([span(6, 4)], 29 * SECOND_US);
  // Two-thirds of a minute is within the patience for the other.
  book.see([{ ...other, spanId: idOf(78), name: 'model POST' }], 49 * SECOND_US);
  book.tick(108 * SECOND_US);
  book.see([{ ...other, spanId: idOf(77), parentSpanId: undefined }], 108 * SECOND_US);
  const { counts } = book.conclude();
  expect(counts).toMatchObject({ spans: 9, late: 1, complete: 2, contradictory: 0 });
  expect(traceLines(counts)).toEqual([
    '9 spans of 2 traces: 2 complete.',
    '1 span came after their traces had been let go of, judged alone.',
  ]);
});

test('a parent that never comes is waited for, then told', () => {
  const book = new TraceBook({ quietUs: SECOND_US, patienceUs: 5 * SECOND_US });
  book.see(CLEAN.slice(1), 0);
  book.see(changed(1, { traceId: 'b2'.repeat(16) }).slice(0, 1), 0);
  book.see([{ ...span(3, 2), traceId: 'b2'.repeat(16) }], 0);
  for (let atUs = 0; atUs < 6 * SECOND_US; atUs += SECOND_US) book.tick(atUs);
  const late = CLEAN.slice(0, 1);
  book.see(late, 7 * SECOND_US);
  const judgement = book.conclude();
  expect(findingsOf(judgement)).toEqual([]);
  expect(judgement.counts).toMatchObject({
    ...{ complete: 0, late: 1 },
    unfinished: { beginningMissing: 1, parentMissing: 1 },
  });
  expect(traceLines(judgement.counts)).toEqual([
    '6 spans of 2 traces: 0 complete.',
    '1 trace let go of without the span that they begin with.',
    '1 trace let go of with a span whose parent never came.',
    '1 span came after their traces had been let go of, judged alone.',
  ]);
});

test('what comes after its trace was let go of is still held to the tenant, and still scanned', () => {
  const after = (more: Partial<ReceivedSpan>): readonly string[] => {
    const book = new TraceBook({ quietUs: SECOND_US });
    book.see(CLEAN, 0);
    book.tick(2 * SECOND_US);
    book.see([span(5, 4, more)], 3 * SECOND_US);
    const judgement = book.conclude();
    expect(judgement.counts).toMatchObject({ late: 1, complete: 1 });
    return findingsOf(judgement);
  };
  expect(after({})).toEqual([]);
  expect(after({ attributes: OTHER })).toHaveLength(1);
  expect(after(NOBODY)).toHaveLength(1);
  expect(after({ remarks: [CANARY] })).toHaveLength(1);
});

test('a retried batch counts once', () => {
  const book = new TraceBook();
  book.see(CLEAN, 0);
  book.see(CLEAN, 1);
  const judgement = book.conclude();
  expect(findingsOf(judgement)).toEqual([]);
  expect(judgement.counts).toMatchObject({ spans: 4, repeated: 4, complete: 1 });
  expect(traceLines(judgement.counts)).toContain('4 spans came again, and counted once.');
});

test('what is kept is bounded, and what had to go is told and judged', () => {
  const book = new TraceBook({ heldMax: 40, spansMax: 10 });
  for (let number = 1; number <= 100; number += 1) {
    const traceId = number.toString(16).padStart(32, '0');
    const attributes = number === 3 ? OTHER : CLINIC;
    const spans = [span(1, 0), span(2, 1, { attributes })];
    book.see(
      spans.map((one) => ({ ...one, traceId })),
      number,
    );
  }
  const large = Array.from({ length: 12 }, (_, index) => span(index + 1, index));
  book.see(large, 101);
  const judgement = book.conclude();
  expect(findingsOf(judgement)).toHaveLength(1);
  expect(judgement.counts).toMatchObject({
    ...{ spans: 212, late: 2, complete: 20 },
    unfinished: { crowdedOut: 80, tooLarge: 1 },
  });
  expect(traceLines(judgement.counts)).toEqual([
    '212 spans of 101 traces: 20 complete.',
    '1 trace let go of with more spans than are kept of one.',
    '80 traces let go of early to make room, the longest quiet first.',
    '2 spans came after their traces had been let go of, judged alone.',
  ]);
});

test('a sender that makes up services and names fills no list', () => {
  const spans = Array.from({ length: 600 }, (_, index) =>
    span(1, 0, {
      traceId: (index + 1).toString(16).padStart(32, '0'),
      name: `made up ${index}`,
      service: `service ${index}`,
      remarks: [CANARY],
    }),
  );
  const { verdicts, counts } = judged(spans);
  expect(counts.beginnings.length).toBe(65);
  expect(verdicts[0]?.findings.length).toBe(257);
});

/** A trace without fault: each span below an earlier one, all of one tenant. */
const soundTrace = fc
  .array(fc.nat(), { minLength: 1, maxLength: 30 })
  .map((parents) =>
    parents.map((parent, index) => span(index + 1, index === 0 ? 0 : (parent % index) + 1)),
  );

property.prop([soundTrace, fc.infiniteStream(fc.nat()), fc.nat()], { numRuns: 60 })(
  'whatever its form, order and batches, a sound trace is complete and clean, and one lost name is found',
  (spans, order, lost) => {
    const shuffled = spans
      .map((one) => [order.next().value ?? 0, one] as const)
      .sort(([one], [other]) => one - other)
      .map(([, one]) => one);
    const book = new TraceBook();
    for (const one of shuffled) book.see([one], 0);
    const judgement = book.conclude();
    expect(findingsOf(judgement)).toEqual([]);
    expect(judgement.counts).toMatchObject({ complete: 1, spans: spans.length });
    if (spans.length === 1) return;
    const place = 1 + (lost % (spans.length - 1));
    const losing = spans.map((one, index) => (index === place ? { ...one, attributes: {} } : one));
    expect(findingsOf(judged(losing))).toHaveLength(1);
    const foreign = spans.map((one, index) =>
      index === place ? { ...one, attributes: OTHER } : one,
    );
    expect(findingsOf(judged(foreign)).length).toBe(1);
  },
);
