// Do policies decide as Cedar does, with and without memory, and as the healthcare platform promises?

import { readdirSync, readFileSync } from 'node:fs';
import { type EntityJson, isAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PolicyDecision, PolicyQuestion } from '../sim/domain/ports.ts';
import {
  actionOf,
  behindTargets,
  HEALTHCARE_TARGETS,
  HEALTHCARE_TOOLS,
  type ObjectSchema,
  type TargetTool,
} from '../sim/domain/tool.ts';
import { UsageError } from '../sim/domain/usage-error.ts';
import { localTime, parseInstantUs } from '../sim/kernel/calendar.ts';
import { DAY_US, HOUR_US, MINUTE_US } from '../sim/kernel/clock.ts';
import { factsOf } from '../sim/protocol/cedar/facts.ts';
import { cedarInput } from '../sim/protocol/cedar/input.ts';
import { keyWriter } from '../sim/protocol/cedar/key.ts';
import { loadPolicies, PolicyEngine, type PolicySet } from '../sim/protocol/cedar.ts';

const us = (text: string): number => {
  const atUs = parseInstantUs(text);
  if (atUs === undefined) throw new Error(`the test's own instant is wrong: ${text}`);
  return atUs;
};

// ---- A small platform for odd policies.

const closed = (
  properties: ObjectSchema['properties'],
  required: readonly string[],
): ObjectSchema => ({ type: 'object', properties, required, additionalProperties: false });

const RICH = closed(
  {
    s: { type: 'string' },
    o: { type: 'string' },
    n: { type: 'integer' },
    m: { type: 'integer' },
    b: { type: 'boolean' },
    d: { type: 'number' },
    list: { type: 'array', items: { type: 'string' } },
    rec: closed({ x: { type: 'string' }, y: { type: 'string' } }, ['x']),
  },
  ['s', 'n'],
);
const TOOLS: readonly TargetTool[] = [
  { target: 'T', name: 'one', inputSchema: RICH },
  { target: 'T', name: 'two', inputSchema: RICH },
  { target: 'U', name: 'plain', inputSchema: closed({ s: { type: 'string' } }, ['s']) },
];
const NOON_US = us('2026-07-14T12:00:00Z');

const load = (text: string, tools = TOOLS): PolicySet =>
  loadPolicies([{ file: 'odd.cedar', text }], tools);

const ask = (question: Partial<PolicyQuestion> = {}): PolicyQuestion => ({
  principal: { id: 'u1', tags: { t: 'x' } },
  action: 'T___one',
  gateway: 'g1',
  input: { s: 'x', n: 1 },
  nowUs: NOON_US,
  ...question,
});

/** The whole question to the whole set, nothing prepared, sliced, left out or remembered. */
const askedInFull = (set: PolicySet, question: PolicyQuestion) => {
  const tool = set.tools.find((one) => actionOf(one) === question.action);
  if (tool === undefined) throw new Error('the test asks about no tool');
  const principal = { type: 'AgentCore::OAuthUser', id: question.principal.id };
  const action = (id: string) => ({ type: 'AgentCore::Action', id });
  const entity = (uid: EntityJson['uid'], parents: EntityJson['parents'] = []): EntityJson => ({
    uid,
    attrs: {},
    parents,
  });
  const now = new Date(Math.floor(question.nowUs / 1000)).toISOString();
  const answer = isAuthorized({
    principal,
    action: action(question.action),
    resource: { type: 'AgentCore::Gateway', id: question.gateway },
    context: {
      input: cedarInput(tool.inputSchema, question.input),
      system: { now: { __extn: { fn: 'datetime', arg: now } } },
    },
    policies: { staticPolicies: Object.fromEntries(set.policies.map((one) => [one.id, one.text])) },
    entities: [
      { ...entity(principal), attrs: { id: principal.id }, tags: { ...question.principal.tags } },
      entity({ type: 'AgentCore::Gateway', id: question.gateway }),
      entity(action(question.action), [action(tool.target), action('CallTool')]),
      entity(action(tool.target), [action('CallTool')]),
      entity(action('CallTool'), [action('Mcp')]),
    ],
  });
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  const { decision, diagnostics } = answer.response;
  const failed = diagnostics.errors.length > 0;
  return {
    decision: failed ? 'deny' : decision,
    determining: failed && decision === 'allow' ? [] : [...diagnostics.reason].sort(),
    errors: diagnostics.errors.map((one) => `${one.policyId}: ${one.error.message}`).sort(),
  };
};

const outcome = ({ decision, determining, errors }: PolicyDecision) => ({
  decision,
  determining,
  errors,
});

// ---- Generated policies and questions.

const DATES = ['2026-03-08T07:00:00Z', '2026-07-14T12:00:00.500Z', '2026-11-01', '1969-12-31'];
const OFFSETS = ['-5h', '90m', '-1d2h3m4s5ms', '0ms', '36h'];
const TIMES = ['8h', '18h', '0s', '7h59m59s999ms', '24h', '-1h'];
const WORDS = ['x', 'y', 'xy', '1', ''];

const text = (value: string): string => JSON.stringify(value);
const from = (...values: readonly string[]) => fc.constantFrom(...values);

/** A value that a condition may use after its guard. */
const tagValues = from('t', 'role', 'zone').map((name) => ({
  guard: `principal.hasTag("${name}")`,
  value: `principal.getTag("${name}")`,
}));
const plainFields = fc.constant({ guard: 'true', value: 'context.input.s' });
const richFields = fc.constantFrom(
  { guard: 'context.input has o', value: 'context.input.o' },
  { guard: 'context.input has rec', value: 'context.input.rec.x' },
  { guard: 'context.input has rec.y', value: 'context.input.rec.y' },
);
const literals = from(...WORDS).map((word) => ({ guard: 'true', value: text(word) }));

const stringAtoms = (values: typeof tagValues) =>
  fc.oneof(
    fc
      .tuple(values, fc.oneof(values, literals), from('==', '!='))
      .map(([a, b, is]) => `(${a.guard} && ${b.guard} && ${a.value} ${is} ${b.value})`),
    fc
      .tuple(values, from('x*', '*y', '*'))
      .map(([a, like]) => `(${a.guard} && ${a.value} like "${like}")`),
    fc.tuple(values).map(([a]) => `(${a.guard} && ["x", "1"].contains(${a.value}))`),
    fc
      .tuple(values)
      .map(
        ([a]) =>
          `(${a.guard} && principal.hasTag(${a.value}) && principal.getTag(${a.value}) == "x")`,
      ),
    fc.tuple(values).map(([a]) => `(${a.guard})`),
  );

const comparison = from('<', '<=', '>', '>=', '==', '!=');
const now = 'context.system.now';
const timeAtoms = fc.oneof(
  fc.tuple(comparison, from(...DATES)).map(([is, date]) => `${now} ${is} datetime("${date}")`),
  fc
    .tuple(comparison, from(...DATES), from(...OFFSETS))
    .map(([is, date, by]) => `datetime("${date}") ${is} ${now}.offset(duration("${by}"))`),
  fc
    .tuple(comparison, from(...TIMES), from(...OFFSETS))
    .map(([is, time, by]) => `${now}.offset(duration("${by}")).toTime() ${is} duration("${time}")`),
  fc
    .tuple(comparison, from(...TIMES), from(...OFFSETS), from(...OFFSETS))
    .map(
      ([is, time, by, and]) =>
        `duration("${time}") ${is} ${now}.offset(duration("${by}")).offset(duration("${and}")).toTime()`,
    ),
  fc
    .tuple(comparison, from(...TIMES))
    .map(([is, time]) => `${now}.toTime() ${is} duration("${time}")`),
  from(
    `${now} == ${now}`,
    `${now}.toDate() == datetime("2026-07-14")`,
    `${now}.toTime().toHours() >= 8`,
    `${now}.toTime().toMilliseconds() * 2 < 86400000`,
    `${now}.durationSince(datetime("2026-07-14")) > duration("1h")`,
    `${now}.offset(duration("9223372036854775807ms")) > ${now}`,
    'context has system.now',
  ),
);
const otherAtoms = from(
  'principal.id == "u1"',
  'principal has id',
  'principal == AgentCore::OAuthUser::"u2"',
  'principal in AgentCore::OAuthUser::"u2"',
  'principal is AgentCore::OAuthUser',
  'principal is AgentCore::OAuthUser in AgentCore::OAuthUser::"u1"',
  'resource == AgentCore::Gateway::"g1"',
  'action == AgentCore::Action::"T___one"',
  'action in AgentCore::Action::"U"',
  'action in [AgentCore::Action::"T"]',
  '(if principal.hasTag("t") then principal else principal).hasTag("role")',
  'true',
  'false',
);
const richAtoms = from(
  'context.input.n < 2',
  'context.input.n + 1 == 3',
  'context.input.n * 9223372036854775807 > 0',
  '-context.input.n == -1',
  '(context.input has m && context.input.m == context.input.n)',
  '(context.input has m && context.input.m - context.input.n > 0)',
  '(context.input has b && context.input.b)',
  '(context.input has b && context.input.b != true)',
  '(context.input has d && context.input.d.lessThan(decimal("1.5")))',
  '(context.input has d && context.input.d == decimal("1.0"))',
  '(context.input has list && context.input.list.contains("x"))',
  '(context.input has list && context.input.list.containsAll(["x", "y"]))',
  '(context.input has list && context.input.list.isEmpty())',
  '(context.input has list && context.input.list == ["y", "x"])',
  '(context.input has list && context.input.list.contains(context.input.s))',
  '(context.input has rec && context.input.rec has y)',
  '(context.input has rec && context.input.rec == context.input.rec)',
  'context.input == context.input',
  'context.input.s == context.input.s',
);

const conditions = (rich: boolean): fc.Arbitrary<string> => {
  const values = rich
    ? fc.oneof(tagValues, plainFields, richFields)
    : fc.oneof(tagValues, plainFields);
  const atoms = [stringAtoms(values), timeAtoms, otherAtoms];
  return fc.letrec<{ tree: string; atom: string }>((tie) => ({
    atom: fc.oneof(...(rich ? [...atoms, richAtoms] : atoms)),
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      tie('atom'),
      fc.tuple(tie('tree'), from('&&', '||'), tie('tree')).map(([a, is, b]) => `(${a} ${is} ${b})`),
      tie('tree').map((a) => `!(${a})`),
      fc
        .tuple(tie('atom'), tie('tree'), tie('tree'))
        .map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
    ),
  })).tree;
};

const RICH_SCOPES = [
  'action == AgentCore::Action::"T___one"',
  'action in [AgentCore::Action::"T___one", AgentCore::Action::"T___two"]',
  'action in AgentCore::Action::"T"',
];
const scopes = (rich: boolean) =>
  fc.tuple(
    from(
      'principal',
      'principal is AgentCore::OAuthUser',
      'principal == AgentCore::OAuthUser::"u1"',
    ),
    rich
      ? from(...RICH_SCOPES)
      : from(
          'action',
          'action in AgentCore::Action::"CallTool"',
          'action in [AgentCore::Action::"U", AgentCore::Action::"T___two"]',
        ),
    from('resource', 'resource is AgentCore::Gateway', 'resource == AgentCore::Gateway::"g1"'),
  );
const policyTexts = fc.boolean().chain((rich) =>
  fc
    .tuple(
      from('permit', 'permit', 'permit', 'forbid'),
      scopes(rich),
      fc.array(fc.tuple(from('when', 'when', 'unless'), conditions(rich)), { maxLength: 2 }),
    )
    .map(([effect, scope, clauses]) => {
      const bodies = clauses.map(([kind, body]) => `${kind} { ${body} }`).join(' ');
      return `${effect} (${scope.join(', ')}) ${bodies};`;
    }),
);

const MS = 1000;
const instants = fc.oneof(
  fc
    .tuple(
      from(...DATES),
      fc.constantFrom(0, -5 * HOUR_US, 8 * HOUR_US, 90 * MINUTE_US),
      fc.constantFrom(-MS, -1, 0, 1, MS),
    )
    .map(
      ([date, byUs, bitUs]) => us(date.includes('T') ? date : `${date}T00:00:00Z`) - byUs + bitUs,
    ),
  fc
    .tuple(
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: 0, max: 47 }),
      fc.constantFrom(-MS, 0, MS),
    )
    .map(([day, half, bitUs]) => NOON_US + day * DAY_US + (half * HOUR_US) / 2 + bitUs),
);
const words = from(...WORDS);
const richInputs = fc.record(
  {
    s: words,
    n: fc.constantFrom(-1, 0, 1, 2, 9_007_199_254_740_991),
    o: words,
    m: fc.constantFrom(-0, 0, 1, 2),
    b: fc.boolean(),
    d: fc.constantFrom(1, 1.5, -0.25, 2.1234),
    list: fc.array(words, { maxLength: 3 }),
    rec: fc.record({ x: words, y: words }, { requiredKeys: ['x'] }),
  },
  { requiredKeys: ['s', 'n'] },
);
const principals = fc.record({
  id: from('u1', 'u2', 'u3'),
  tags: fc.record({ t: words, role: words, zone: words, x: words }, { requiredKeys: [] }),
});
const calls = fc.oneof(
  { weight: 3, arbitrary: fc.record({ action: from('T___one', 'T___two'), input: richInputs }) },
  fc.record({ action: fc.constant('U___plain'), input: words.map((s) => ({ s })) }),
);
const few = <T>(items: fc.Arbitrary<T>, maxLength: number) =>
  fc.array(items, { minLength: 1, maxLength });

/** Questions that differ in little: those are the ones that a key which says too little mixes up. */
const similarQuestions: fc.Arbitrary<readonly PolicyQuestion[]> = fc
  .record({
    asking: fc.oneof(few(principals, 1), few(principals, 4)),
    calling: fc.oneof(few(calls, 1), few(calls, 4)),
    gateways: few(from('g1', 'g2'), 2),
    times: fc.oneof(few(instants, 1), fc.array(instants, { minLength: 4, maxLength: 12 })),
  })
  .map(({ asking, calling, gateways, times }) =>
    asking.flatMap((principal) =>
      calling.flatMap((call) =>
        gateways.flatMap((gateway) =>
          times.map((nowUs) => ({ ...call, principal, gateway, nowUs })),
        ),
      ),
    ),
  );

/** Each generated condition guards what it reads, so every policy is sound. */
const soundSet = (texts: readonly string[]): PolicySet =>
  load(texts.map((policy, number) => `@id("policy number ${number}") ${policy}\n`).join(''));

test('an engine answers as Cedar does when asked in full, remembering or not, and lists what it allows', () => {
  const seen = { asked: 0, hits: 0, allowed: 0, failed: 0 };
  const property = fc.property(
    fc.oneof(few(policyTexts, 1), few(policyTexts, 4)),
    similarQuestions,
    (texts, asked) => {
      const set = soundSet(texts);
      const forgetful = new PolicyEngine(set, { cacheEntries: 0 });
      const mindful = new PolicyEngine(set);
      const full = asked.map((question) => askedInFull(set, question));
      for (const [index, question] of asked.entries()) {
        const expected = full[index];
        expect(outcome(forgetful.decide(question))).toEqual(expected);
        expect(outcome(mindful.decide(question))).toEqual(expected);
        if (expected?.decision === 'allow') {
          seen.allowed += 1;
          expect(mindful.mayList(question)).toBe(true);
        }
        if ((expected?.errors.length ?? 0) > 0) seen.failed += 1;
      }
      seen.asked += asked.length;
      seen.hits += mindful.stats().cacheHits;
      for (const [index, question] of [...asked.entries()].reverse()) {
        expect(outcome(mindful.decide(question))).toEqual(full[index]);
      }
      expect(forgetful.stats().cacheHits).toBe(0);
    },
  );
  fc.assert(property, { numRuns: 400 });
  // What the test stands on: memory was used, and every kind of answer was met.
  expect(seen.hits / seen.asked).toBeGreaterThan(0.5);
  expect(seen.allowed / seen.asked).toBeGreaterThan(0.1);
  expect(seen.allowed / seen.asked).toBeLessThan(0.9);
  expect(seen.failed).toBeGreaterThan(0);
});

test('a key without one of its facts would mix up two questions that Cedar answers differently', () => {
  const set = load(
    '@id("own") permit (principal, action, resource) when { principal.hasTag("t") && principal.getTag("t") == context.input.s };',
  );
  const facts = factsOf(set.policies.map(({ json }) => json));
  expect(facts.map(({ kind }) => kind).sort()).toEqual(['has', 'same']);
  const [own, other] = [ask(), ask({ input: { s: 'y', n: 1 } })];
  const whole = keyWriter(facts);
  const lacking = keyWriter(facts.filter(({ kind }) => kind !== 'same'));
  expect(lacking(own)).toBe(lacking(other));
  expect(whole(own)).not.toBe(whole(other));
  expect(askedInFull(set, own).decision).not.toBe(askedInFull(set, other).decision);
});

test('a key tells an instant that a policy names from the millisecond before and after it', () => {
  const at = us('2026-07-14T12:00:00Z');
  const { policies } = load(
    `@id("noon") permit (principal, action, resource) when { ${now} == datetime("2026-07-14T12:00:00Z") };`,
  );
  const key = keyWriter(factsOf(policies.map(({ json }) => json)));
  const keys = [at - DAY_US, at - 1, at, at + 999, at + 1000, at + DAY_US].map((nowUs) =>
    key(ask({ nowUs })),
  );
  expect(keys).toEqual([keys[0], keys[0], keys[2], keys[2], keys[4], keys[4]]);
  expect(new Set(keys).size).toBe(3);
});

// ---- Slicing, failing, refusing.

test('a policy is met by the actions that its scope takes, by name, by target, by CallTool or by none', () => {
  const scope: readonly (readonly [string, readonly string[]])[] = [
    ['action', ['T___one', 'T___two', 'U___plain']],
    ['action in AgentCore::Action::"Mcp"', ['T___one', 'T___two', 'U___plain']],
    ['action in AgentCore::Action::"CallTool"', ['T___one', 'T___two', 'U___plain']],
    ['action in AgentCore::Action::"T"', ['T___one', 'T___two']],
    ['action in [AgentCore::Action::"T___two", AgentCore::Action::"U"]', ['T___two', 'U___plain']],
    ['action == AgentCore::Action::"T___one"', ['T___one']],
  ];
  for (const [action, expected] of scope) {
    const engine = new PolicyEngine(load(`@id("p") permit (principal, ${action}, resource);`));
    const allowed = TOOLS.filter((tool) => {
      const input = tool.target === 'U' ? { s: 'x' } : { s: 'x', n: 1 };
      return engine.decide(ask({ action: actionOf(tool), input })).decision === 'allow';
    });
    expect(allowed.map(actionOf)).toEqual(expected);
  }
});

test('a forbid that fails denies, where Cedar itself would skip it and allow', () => {
  const engine = new PolicyEngine(
    load(
      '@id("all") permit (principal, action, resource); @id("broken") forbid (principal, action == AgentCore::Action::"T___one", resource) when { context.input.n * 9223372036854775807 > 0 };',
    ),
  );
  expect(engine.decide(ask()).decision).toBe('deny');
  const broken = engine.decide(ask({ input: { s: 'x', n: 3 } }));
  expect(broken).toMatchObject({ decision: 'deny', determining: [] });
  expect(broken.errors).toEqual([expect.stringMatching(/^broken: integer overflow/)]);
  expect(engine.decide(ask({ input: { s: 'x', n: 0 } }))).toMatchObject({
    decision: 'allow',
    determining: ['all'],
  });
});

test('a question that does not fit the schema is denied with a reason, and an unknown action by default', () => {
  const engine = new PolicyEngine(
    load('@id("all") permit (principal, action, resource) when { principal.hasTag("t") };'),
  );
  expect(engine.decide(ask()).decision).toBe('allow');
  const misfits: readonly Partial<PolicyQuestion>[] = [
    { input: { s: { __entity: { type: 'AgentCore::OAuthUser', id: 'u2' } }, n: 1 } },
    { input: { s: { __extn: { fn: 'decimal', arg: '1.0' } }, n: 1 } },
    { input: { s: 'x', n: 1, extra: 1 } },
    { input: { n: 1 } },
    { input: { s: 'x', n: 1.5 } },
    { input: { s: 'x', n: Number.NaN } },
    { input: { s: 'x', n: 1, d: 1.00001 } },
    { input: { s: 'x', n: 1, d: Number.POSITIVE_INFINITY } },
    { input: { s: 'x', n: 1, list: ['x', null] } },
    { input: { s: 'x', n: 1, rec: { y: 'y' } } },
    { input: { s: '\ud800', n: 1 } },
    { input: Object.create({ s: 'x', n: 1 }) as Record<string, unknown> },
    { principal: { id: '\udfff', tags: { t: 'x' } } },
    { principal: { id: 'u1', tags: { t: '\ud800' } } },
    { gateway: '\ud800' },
    { nowUs: 0.5 },
    { nowUs: Number.NaN },
  ];
  for (const misfit of misfits) {
    const denied = engine.decide(ask(misfit));
    expect(denied).toMatchObject({ decision: 'deny', determining: [] });
    expect(denied.errors).toHaveLength(1);
  }
  for (const action of ['T___three', 'CallTool', '', 'constructor']) {
    expect(outcome(engine.decide(ask({ action })))).toEqual({
      decision: 'deny',
      determining: [],
      errors: [],
    });
    expect(engine.mayList(ask({ action }))).toBe(false);
  }
  expect(engine.stats().evaluated).toBe(1);
});

test('what every object has from its prototype is no tag', () => {
  const engine = new PolicyEngine(
    load(
      '@id("odd") permit (principal, action, resource) when { principal.hasTag("constructor") };',
    ),
  );
  expect(engine.decide(ask()).decision).toBe('deny');
  expect(engine.decide(ask({ principal: { id: 'u1', tags: { constructor: 'x' } } })).decision).toBe(
    'allow',
  );
});

test('the cache never holds more than it may, nothing when it may hold nothing, and each call of Cedar is measured', () => {
  const set = load(
    '@id("three") permit (principal, action == AgentCore::Action::"T___one", resource) when { context.input.n > 3 };',
  );
  for (const [cacheEntries, hits] of [
    [0, 0],
    [3, 0],
    [8, 16],
  ] as const) {
    let measured = 0;
    const measure = <T>(work: () => T): T => {
      measured += 1;
      return work();
    };
    const engine = new PolicyEngine(set, { cacheEntries, measure });
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 8; n += 1) {
        const { decision, cached } = engine.decide(ask({ input: { s: 'x', n } }));
        expect(decision).toBe(n > 3 ? 'allow' : 'deny');
        expect(cached).toBe(hits > 0 && round > 0);
      }
    }
    expect(engine.stats()).toEqual({ decisions: 24, evaluated: 24 - hits, cacheHits: hits });
    expect(measured).toBe(24 - hits);
  }
});

test('an engine keeps its policies when three hundred others were prepared after it', () => {
  const only = (id: string) =>
    new PolicyEngine(
      load(`@id("${id}") permit (principal == AgentCore::OAuthUser::"${id}", action, resource);`),
      { cacheEntries: 0 },
    );
  const engines = Array.from({ length: 300 }, (_, index) => only(`u${index}`));
  for (const asked of [engines, engines]) {
    for (const [index, engine] of asked.entries()) {
      const id = `u${index}`;
      expect(engine.decide(ask({ principal: { id, tags: {} } })).determining).toEqual([id]);
    }
  }
});

// ---- Listing.

test('a tool is listed as long as nothing about the caller alone rules every permit out', () => {
  const lists = (condition: string, tags: Record<string, string>): boolean =>
    new PolicyEngine(
      load(
        `@id("p") permit (principal, action in AgentCore::Action::"T", resource) when { ${condition} };`,
      ),
    ).mayList(ask({ principal: { id: 'u1', tags } }));
  const nurse = 'principal.hasTag("role") && principal.getTag("role") == "nurse"';
  expect(lists(`${nurse} && context.input.n > 3`, { role: 'nurse' })).toBe(true);
  expect(lists(`${nurse} && context.input.n > 3`, { role: 'admin' })).toBe(false);
  expect(lists(`context.input.n > 3 && ${nurse}`, {})).toBe(false);
  expect(lists(`(${nurse}) || context.input.n > 3`, { role: 'admin' })).toBe(true);
  expect(lists(`!(context.input.n > 3 || !(${nurse}))`, { role: 'admin' })).toBe(false);
  expect(lists(`if context.input.n > 3 then ${nurse} else false`, { role: 'admin' })).toBe(false);
  expect(lists(`if context.input.n > 3 then ${nurse} else true`, { role: 'admin' })).toBe(true);
  expect(lists(nurse, { role: 'admin' })).toBe(false);
});

// ---- Complaints.

const complaintsOf = (...texts: readonly string[]): string => {
  try {
    loadPolicies(
      texts.map((policies, index) => ({ file: `${index + 1}.cedar`, text: policies })),
      TOOLS,
    );
  } catch (problem) {
    if (problem instanceof UsageError) return problem.message;
    throw problem;
  }
  return '';
};

test('every mistake of every file is reported at once, with its place and Cedar’s own words', () => {
  const message = complaintsOf(
    '// é\n@id("a")\npermit (principal, action resource);',
    '@id("b é") permit (principal, action, resource);\n\n// @id("c") forbid (principal, action, resource);\n' +
      '@id("c") permit (principal, action == AgentCore::Action::"T___oen", resource);\n' +
      '  @id("é d") permit (principal, action, resource) when { "é" == principal.getTag("role") };\n' +
      'forbid (principal, action, resource);',
    '@id("b é") forbid (principal, action, resource);\npermit (principal == ?principal, action, resource);',
  );
  const lines = message.split('\n').filter((line) => !line.startsWith('  hint'));
  expect(lines).toEqual([
    '1.cedar:3:27: unexpected token `resource`',
    '2.cedar:4:39: for policy `c`, unrecognized action `AgentCore::Action::"T___oen"`',
    '2.cedar:5:65: for policy `é d`, unable to guarantee safety of access to tag `"role"` on entity type `AgentCore::OAuthUser`',
    '2.cedar:6:1: a `forbid` has no name',
    '3.cedar:1:1: two policies have the id `b é`',
    '3.cedar:2:1: a template decides nothing by itself',
  ]);
  // Which of two equally near names Cedar suggests is Cedar's own affair.
  expect(message).toMatch(/hint: did you mean `AgentCore::Action::"[TU]"`\?/);
  expect(message).toContain('hint: the other is at 2.cedar:1');
});

test('policies keep their order and their lines, however many there are', () => {
  const texts = Array.from(
    { length: 24 },
    (_, index) => `@id("${index}") // ${index}\npermit (principal, action, resource);`,
  );
  const { policies } = load(texts.join('\n\n'));
  expect(policies.map(({ id, line }) => [id, line])).toEqual(
    texts.map((_, index) => [String(index), 3 * index + 1]),
  );
});

test('a policy that can never apply is warned of and loaded', () => {
  const set = load(
    '@id("never") forbid (principal, action, resource) when { context.input has nothing };',
  );
  expect(set.policies).toHaveLength(1);
  expect(set.warnings).toEqual([
    expect.objectContaining({ line: 1, column: 1, message: expect.stringContaining('impossible') }),
  ]);
});

// ---- The healthcare platform.

const FOLDER = new URL('../policies/cedar/', import.meta.url);
const healthcare = loadPolicies(
  readdirSync(FOLDER)
    .sort()
    .map((file) => ({
      file: `policies/cedar/${file}`,
      text: readFileSync(new URL(file, FOLDER), 'utf8'),
    })),
  behindTargets(HEALTHCARE_TOOLS, HEALTHCARE_TARGETS),
);
const gatewayOf = (tier: string): string =>
  `arn:aws:bedrock-agentcore:us-east-1:111122223333:gateway/healthcare-${tier}-gw`;

type Tier = keyof typeof HEALTHCARE_TARGETS;
const TIERS: readonly Tier[] = ['basic', 'premium'];

const inputFor = (tool: string, clinic: string): Record<string, unknown> => {
  if (tool === 'web_search') return { keywords: 'flu' };
  if (tool === 'current_time') return {};
  return tool === 'retrieve_clinic_documents'
    ? { clinic_id: clinic, query: 'flu' }
    : { clinic_id: clinic };
};

const clinical = (tier: Tier, zone: string, nowUs: number): PolicyQuestion => ({
  principal: { id: 'u1', tags: { tenant: 'a', tier, role: 'nurse', zone } },
  action: `${HEALTHCARE_TARGETS[tier]}___patient_context`,
  gateway: gatewayOf(tier),
  input: { clinic_id: 'a' },
  nowUs,
});

/** What the platform promises, as `tool role`; everything else is denied. */
const BASIC_CLOSED = [
  'clinic_config physician',
  'clinic_config nurse',
  'clinic_config admin',
  'current_time *',
];
const BASIC_OPEN = [
  ...BASIC_CLOSED,
  'patient_context physician',
  'patient_context nurse',
  'retrieve_clinic_documents physician',
  'retrieve_clinic_documents nurse',
];
const PROMISED: Readonly<Record<Tier, Readonly<Record<'open' | 'closed', readonly string[]>>>> = {
  basic: { open: BASIC_OPEN, closed: BASIC_CLOSED },
  premium: {
    open: [...BASIC_OPEN, 'web_search physician', 'web_search nurse'],
    closed: [...BASIC_OPEN, 'web_search physician', 'web_search nurse'],
  },
};
const ON_TENANT_DATA = new Set(['patient_context', 'retrieve_clinic_documents', 'clinic_config']);

test('the healthcare matrix holds, and everything that it does not list is denied', () => {
  const engine = new PolicyEngine(healthcare);
  expect(healthcare.warnings).toEqual([]);
  const roles = [
    'physician',
    'nurse',
    'admin',
    'receptionist',
    'Nurse',
    '["nurse"]',
    'non-admin',
    undefined,
  ];
  const hours = [
    ['open', us('2026-07-14T16:00:00Z')],
    ['closed', us('2026-07-14T03:00:00Z')],
  ] as const;
  const zones = [
    'America/New_York',
    'America/Chicago',
    'America/Denver',
    'America/Los_Angeles',
    'UTC',
  ];
  const tenants = ['a', 'b', 'A', '', undefined];
  const tiers = [...TIERS, 'gold', undefined];
  let [allowed, denied] = [0, 0];
  for (const at of TIERS)
    for (const gatewayTier of TIERS)
      for (const tier of tiers)
        for (const role of roles)
          for (const tenant of tenants)
            for (const zone of zones)
              for (const [hour, nowUs] of hours)
                for (const { name: tool, tiers: offered } of HEALTHCARE_TOOLS) {
                  const tags = Object.fromEntries(
                    Object.entries({ tier, role, tenant, zone }).filter(
                      (tag): tag is [string, string] => tag[1] !== undefined,
                    ),
                  );
                  const decided = engine.decide({
                    principal: { id: 'u1', tags },
                    action: `${HEALTHCARE_TARGETS[at]}___${tool}`,
                    gateway: gatewayOf(gatewayTier),
                    input: inputFor(tool, 'a'),
                    nowUs,
                  });
                  const listed =
                    PROMISED[at][hour].includes(`${tool} ${role}`) || tool === 'current_time';
                  const own = !ON_TENANT_DATA.has(tool) || tenant === 'a';
                  const expected =
                    offered.includes(at) && gatewayTier === at && tier === at && own && listed;
                  if (
                    decided.decision !== (expected ? 'allow' : 'deny') ||
                    decided.errors.length > 0
                  ) {
                    expect.fail(
                      JSON.stringify({ at, gatewayTier, tags, tool, hour, expected, decided }),
                    );
                  }
                  if (expected) allowed += 1;
                  else denied += 1;
                }
  expect(allowed).toBeGreaterThan(500);
  expect(denied).toBeGreaterThan(allowed);
});

const ZONES = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'UTC',
];

test.each(ZONES)(
  'Basic keeps the hours of %s by the time zone database, each hour of 2025 to 2028',
  (zone) => {
    const engine = new PolicyEngine(healthcare);
    const wrong: string[] = [];
    const changes = new Set<number>();
    let lastAhead: number | undefined;
    for (
      let hourUs = us('2025-01-01T00:00:00Z');
      hourUs < us('2029-01-01T00:00:00Z');
      hourUs += HOUR_US
    ) {
      const ahead = (((hourUs / HOUR_US) % 24) - localTime(hourUs, zone).hour + 24) % 24;
      if (lastAhead !== undefined && ahead !== lastAhead) changes.add(hourUs);
      lastAhead = ahead;
      // The instant before 2025 lies outside the ranges that the policies hold.
      for (const nowUs of [hourUs, hourUs + HOUR_US - 1]) {
        const { minutesOfDay } = localTime(nowUs, zone);
        const open = minutesOfDay >= 480 && minutesOfDay < 1080;
        const { decision } = engine.decide(clinical('basic', zone, nowUs));
        if (decision !== (open ? 'allow' : 'deny')) wrong.push(`${nowUs}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(changes.size).toBe(zone === 'UTC' ? 0 : 8);
    // Both sides of each change, and the opening and closing minutes of the days around it, uncached.
    const forgetful = new PolicyEngine(healthcare, { cacheEntries: 0 });
    for (const changeUs of changes) {
      for (let hour = -30; hour <= 30; hour += 1) {
        for (const bitUs of [-1000, -1, 0]) {
          const nowUs = changeUs + hour * HOUR_US + bitUs;
          const { minutesOfDay } = localTime(nowUs, zone);
          const open = minutesOfDay >= 480 && minutesOfDay < 1080;
          expect(forgetful.decide(clinical('basic', zone, nowUs)).decision).toBe(
            open ? 'allow' : 'deny',
          );
        }
      }
    }
  },
);

test('Basic is closed where no rule for the hours holds, and Premium is not', () => {
  const engine = new PolicyEngine(healthcare);
  const noon = us('2026-07-14T17:00:00Z');
  expect(engine.decide(clinical('basic', 'America/Chicago', noon)).decision).toBe('allow');
  for (const zone of ['Europe/Berlin', 'America/Phoenix', 'america/chicago', '']) {
    expect(engine.decide(clinical('basic', zone, noon))).toMatchObject({
      decision: 'deny',
      determining: ['Basic clinical data is closed outside the hours of the clinic'],
    });
    expect(engine.decide(clinical('premium', zone, noon)).decision).toBe('allow');
  }
  for (const outside of ['2024-12-31T17:00:00Z', '2029-01-01T17:00:00Z', '2029-07-02T17:00:00Z']) {
    expect(engine.decide(clinical('basic', 'America/Chicago', us(outside))).decision).toBe('deny');
  }
});

test('the list shows each role its tools, at any hour', () => {
  const engine = new PolicyEngine(healthcare);
  const listed = (tier: Tier, role: string): readonly string[] =>
    HEALTHCARE_TOOLS.map(({ name }) => name).filter((tool) =>
      engine.mayList({
        ...clinical(tier, 'UTC', us('2026-07-14T03:00:00Z')),
        principal: { id: 'u1', tags: { tenant: 'a', tier, role, zone: 'UTC' } },
        action: `${HEALTHCARE_TARGETS[tier]}___${tool}`,
      }),
    );
  const clinicalTools = ['patient_context', 'clinic_config', 'retrieve_clinic_documents'];
  expect(listed('basic', 'nurse')).toEqual([...clinicalTools, 'current_time']);
  expect(listed('premium', 'nurse')).toEqual([...clinicalTools, 'web_search', 'current_time']);
  expect(listed('basic', 'admin')).toEqual(['clinic_config', 'current_time']);
  expect(listed('premium', 'receptionist')).toEqual(['current_time']);
});

test('a thousand tenants share the answers of one', () => {
  const engine = new PolicyEngine(healthcare);
  for (let tenant = 0; tenant < 1000; tenant += 1) {
    for (const clinic_id of [`clinic-${tenant}`, 'clinic-of-another']) {
      const question = clinical('basic', 'UTC', NOON_US + MINUTE_US + tenant * 1_234_567);
      const tags = { ...question.principal.tags, tenant: `clinic-${tenant}` };
      const { decision } = engine.decide({
        ...question,
        principal: { id: `u${tenant}`, tags },
        input: { clinic_id },
      });
      expect(decision).toBe(clinic_id === 'clinic-of-another' ? 'deny' : 'allow');
    }
  }
  expect(engine.stats().evaluated).toBe(2);
});
