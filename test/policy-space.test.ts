// Does a space hold every question that its policies can tell apart, with Cedar's own answers?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPolicyFolder } from '../sim/cli/policy/folder.ts';
import type { PolicyQuestion } from '../sim/domain/ports.ts';
import { parseInstantUs } from '../sim/kernel/calendar.ts';
import { boxesOf } from '../sim/policy/boxes.ts';
import {
  eachPoint,
  type PlacedTool,
  type Space,
  spaceOf,
  type Terms,
} from '../sim/policy/space.ts';
import { wordsOf } from '../sim/policy/words.ts';
import { behindGateways } from '../sim/policy.ts';
import { PolicyEngine, type PolicySet } from '../sim/protocol/cedar.ts';
import { few, policyTexts, similarQuestions, soundSet } from './cedar/generated.ts';
import { load, NOON_US, TOOLS } from './cedar/odd.ts';

const TERMS: Terms = {
  tags: {},
  tenantTags: ['t'],
  tenantInputs: ['s'],
  usualUs: NOON_US,
  questionsMax: 20_000,
  pointsMax: 40_000,
};

const placed = (index: number): PlacedTool => {
  const tool = TOOLS[index];
  if (tool === undefined) throw new Error('the test knows no such tool');
  const gateway = { tier: 'odd', arn: 'g1', tools: [] };
  return { ...tool, description: '', gateway };
};

/** One policy about the first tool alone. */
const permit = (condition: string): string =>
  `@id("p") permit (principal, action == AgentCore::Action::"T___one", resource) when { ${condition} };`;

const spaceOfText = (text: string, terms = TERMS): Space => spaceOf(placed(0), [load(text)], terms);

/** What Cedar says, told apart as far as a space does. */
const asked = (engine: PolicyEngine, question: PolicyQuestion): string => {
  const { decision, determining, errors } = engine.decide(question);
  return errors.length > 0 ? 'fails' : [decision, ...determining].join();
};

const answersIn = (space: Space, set: PolicySet): ReadonlySet<string> => {
  const engine = new PolicyEngine(set, { cacheEntries: 0 });
  const found = new Set<string>();
  const seen = new Map<string, number>();
  eachPoint(space, (point) => {
    const answer = space.answer(point);
    if (answer === undefined) return;
    const times = seen.get(JSON.stringify(answer)) ?? 0;
    seen.set(JSON.stringify(answer), times + 1);
    // Cedar is slow: it is asked again for the first of equal answers, and for some of the others.
    const question = times % 40 === 0 ? space.question(point) : undefined;
    if (question === undefined) return;
    const text = asked(engine, question);
    if (text !== 'fails')
      expect(text).toBe([answer.allowed ? 'allow' : 'deny', ...answer.by].join());
    else expect(answer.allowed).toBe(false);
    found.add(text);
  });
  return found;
};

test('no question gets an answer that no point of the space gets, and every point gets Cedar’s', () => {
  const seen = { spaces: 0, clear: 0, answers: 0 };
  const property = fc.property(few(policyTexts, 2), similarQuestions, (texts, questions) => {
    const set = soundSet(texts);
    const space = spaceOf(placed(0), [set], { ...TERMS, questionsMax: 1200, pointsMax: 1200 });
    seen.spaces += 1;
    if (space.overBound) return;
    const found = answersIn(space, set);
    if (space.unclear.length > 0) return;
    seen.clear += 1;
    const engine = new PolicyEngine(set);
    for (const question of questions) {
      // The space is about one tool at its own gateway.
      const here = { ...question, action: space.action, gateway: 'g1' };
      if (engine.decide(here).errors.some((error) => /^(input|tag|the) /.test(error))) continue;
      seen.answers += 1;
      expect(found).toContain(asked(engine, here));
    }
  });
  fc.assert(property, { numRuns: 20 });
  // What the test stands on is counted where chance cannot spare it.
  fc.assert(property, { numRuns: 30, seed: 1 });
  expect(seen.clear).toBeGreaterThan(7);
  expect(seen.answers).toBeGreaterThan(60);
});

test('a policy that is not understood is asked with every value that another one names', () => {
  const set = soundSet([
    'permit (principal, action, resource) when { !((if principal.hasTag("t") then principal else principal).hasTag("role")) };',
    'permit (principal, action, resource) when { principal.hasTag("role") && principal.getTag("role") == "x" };',
  ]);
  const space = spaceOf(placed(0), [set], TERMS);
  expect(space.unclear).toHaveLength(1);
  // A point that is answered otherwise than by Cedar ends the space with an error.
  expect([...answersIn(space, set)].map((answer) => answer.split(',')[0])).toContain('allow');
});

test('every instant of seven years gets the answer of the instant that stands for it', () => {
  const { policies, gateways } = readPolicyFolder('policies');
  const [tool] = behindGateways(gateways);
  if (tool === undefined) throw new Error('the reference has no tool');
  const zones = ['America/New_York', 'America/Los_Angeles', 'UTC', 'Mars/Base'];
  const tags = { tier: ['basic'], role: ['nurse'], zone: zones };
  const usual = { ...TERMS, tags, tenantTags: ['tenant'], tenantInputs: ['clinic_id'] };
  const space = spaceOf(tool, [policies], { ...usual, pointsMax: 1_000_000 });
  const engine = new PolicyEngine(policies);
  const [from, to] = ['2024-01-01T00:00:00Z', '2031-01-01T00:00:00Z'].map(
    (text) => (parseInstantUs(text) ?? 0) / 60_000_000,
  );
  const minutes = fc.integer({ min: from ?? 0, max: to ?? 0 });
  let allowed = 0;
  const property = fc.property(minutes, fc.constantFrom(...zones), (minute, zone) => {
    const nowUs = minute * 60_000_000;
    const wanted: Readonly<Record<string, unknown>> = {
      time: nowUs / 1000,
      'tag zone': zone,
      'tag tier': 'basic',
      'tag role': 'nurse',
      'tag tenant': 'tenant-a',
      'input clinic_id': 'tenant-a',
    };
    const point = space.dimensions.map(({ key }) =>
      key === 'gateway' ? 0 : (space.indexOf(key, wanted[key]) ?? Number.NaN),
    );
    const decided = engine.decide({
      principal: { id: 'a', tags: { zone, tier: 'basic', role: 'nurse', tenant: 'tenant-a' } },
      action: space.action,
      gateway: tool.gateway.arn,
      input: { clinic_id: 'tenant-a' },
      nowUs,
    });
    expect(space.answer(point)).toEqual({
      allowed: decided.decision === 'allow',
      by: decided.determining,
    });
    if (decided.decision === 'allow') allowed += 1;
  });
  fc.assert(property, { numRuns: 400 });
  // What the test stands on is counted where chance cannot spare it.
  allowed = 0;
  fc.assert(property, { numRuns: 400, seed: 1 });
  expect(allowed).toBeGreaterThan(50);
});

test('a value that a policy names, one that it does not, and an absent one are all asked', () => {
  const space = spaceOfText(
    permit(
      'principal.hasTag("role") && (principal.getTag("role") == "nurse" || principal.getTag("role") like "dr-*")',
    ),
  );
  const role = space.dimensions.find(({ key }) => key === 'tag role');
  const of = (allowed: boolean): readonly unknown[] =>
    (role?.alike ?? []).flatMap((alike, index) => {
      const point = space.dimensions.map(({ key }) => (key === 'tag role' ? index : 0));
      return space.answer(point)?.allowed === allowed ? alike : [];
    });
  expect(of(true)).toEqual(['nurse', 'dr--', 'dr-']);
  expect(of(false)).toEqual([undefined, 'something else']);
  expect(space.unclear).toEqual([]);
});

test('numbers are asked below, at and above each that a policy names, and told as runs', () => {
  const space = spaceOfText(permit('context.input.n >= 8 && context.input.n < 18'));
  const n = space.dimensions.find(({ key }) => key === 'input n');
  if (n === undefined) throw new Error('n is not varied');
  const words = n.values.map((_, index) => wordsOf(n, [index])?.join(', '));
  expect([...words].sort()).toEqual(['8 to 17', 'at most 7, at least 18']);
});

test('two inputs that are compared with each other are asked equal and different', () => {
  const space = spaceOfText(permit('context.input has o && context.input.s != context.input.o'));
  const outcomes = new Set<string>();
  eachPoint(space, (point) => {
    const { input } = space.question(point) ?? {};
    const relation = input?.['o'] === undefined ? 'absent' : input['o'] === input['s'];
    outcomes.add(`${relation} ${space.answer(point)?.allowed}`);
  });
  expect([...outcomes].sort()).toEqual(['absent false', 'false true', 'true false']);
});

test('a field of an absent record is no question, and a whole record may be absent', () => {
  const space = spaceOfText(
    permit('context.input has rec && context.input.rec has y && context.input.rec.y == "z"'),
  );
  const answered = new Set<string>();
  eachPoint(space, (point) => {
    const question = space.question(point);
    if (question === undefined) expect(space.answer(point)).toBeUndefined();
    else answered.add(JSON.stringify(question.input['rec']));
  });
  expect([...answered]).toEqual(
    expect.arrayContaining(['{"x":"something","y":"z"}', '{"x":"something"}']),
  );
});

test('a condition whose values are not known to be told apart is named', () => {
  const twice = spaceOfText(
    permit(
      'principal.hasTag("role") && principal.getTag("role") like "a*" && principal.getTag("role") like "*b"',
    ),
  );
  const product = spaceOfText(permit('context.input.n * 2 > 10'));
  expect([twice.unclear.length, product.unclear.length]).toEqual([1, 1]);
  expect(product.unclear[0]).toContain('"*"');
});

test('more questions than the bound are said, and none is asked', () => {
  const text = permit('principal.hasTag("role") && principal.getTag("role") == "nurse"');
  const space = spaceOfText(text, { ...TERMS, questionsMax: 2 });
  expect([space.overBound, space.asked()]).toEqual([true, 0]);
  expect(spaceOfText(text, { ...TERMS, questionsMax: 3 }).overBound).toBe(false);
});

test('boxes hold exactly the points that they were made of', () => {
  const points = fc.array(fc.tuple(fc.nat(2), fc.nat(3), fc.nat(2)), { maxLength: 30 });
  fc.assert(
    fc.property(points, (given) => {
      const boxes = boxesOf(given);
      const held = boxes.flatMap(([a = [], b = [], c = []]) =>
        a.flatMap((x) => b.flatMap((y) => c.map((z) => [x, y, z].join()))),
      );
      expect(held.toSorted()).toEqual([...new Set(given.map((point) => point.join()))].sort());
    }),
  );
});
