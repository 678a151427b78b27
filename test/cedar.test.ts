// Do policies decide as Cedar does, with and without memory?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PolicyQuestion } from '../sim/domain/ports.ts';
import { actionOf } from '../sim/domain/tool.ts';
import { UsageError } from '../sim/domain/usage-error.ts';
import { DAY_US } from '../sim/kernel/clock.ts';
import { factsOf } from '../sim/protocol/cedar/facts.ts';
import { keyWriter } from '../sim/protocol/cedar/key.ts';
import { loadPolicies, PolicyEngine } from '../sim/protocol/cedar.ts';
import { few, now, policyTexts, similarQuestions, soundSet } from './cedar/generated.ts';
import { ask, askedInFull, load, outcome, TOOLS, us } from './cedar/odd.ts';

test('an engine answers as Cedar does when asked in full, remembering or not, and lists what it allows', () => {
  const seen = { asked: 0, hits: 0, allowed: 0 };
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
      }
      seen.asked += asked.length;
      seen.hits += mindful.stats().cacheHits;
      for (const [index, question] of [...asked.entries()].reverse()) {
        expect(outcome(mindful.decide(question))).toEqual(full[index]);
      }
      expect(forgetful.stats().cacheHits).toBe(0);
    },
  );
  fc.assert(property, { numRuns: 100 });
  // What the test stands on, memory used and both answers met, is counted where chance cannot spare it.
  Object.assign(seen, { asked: 0, hits: 0, allowed: 0 });
  fc.assert(property, { numRuns: 100, seed: 1 });
  expect(seen.hits / seen.asked).toBeGreaterThan(0.5);
  expect(seen.allowed / seen.asked).toBeGreaterThan(0.1);
  expect(seen.allowed / seen.asked).toBeLessThan(0.9);
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
