// Does the shipped suite notice what a mutant changes, and are those that change nothing told apart?

import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCases } from '../sim/cli/policy/cases.ts';
import { readPolicyFolder } from '../sim/cli/policy/folder.ts';
import type { PolicyQuestion } from '../sim/domain/ports.ts';
import { differenceOf } from '../sim/policy/mutants/difference.ts';
import { type JudgedMutant, judgeMutants, mutationsOf } from '../sim/policy/mutants.ts';
import { readSuite } from '../sim/policy/suite.ts';
import { wrongIn } from '../sim/policy/testing.ts';
import { policyFolder } from '../sim/policy.ts';
import { PolicyEngine, validityProblem } from '../sim/protocol/cedar.ts';
import { few, policyTexts, similarQuestions, soundSet } from './cedar/generated.ts';
import { TOOLS as ODD_TOOLS } from './cedar/odd.ts';
import { poolproof, put } from './command-line.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

const healthcare = readPolicyFolder(join(ROOT, 'policies'));
const shipped = readCases(join(ROOT, 'policies'), undefined, healthcare);
const HOURS = 'Basic clinical data is closed outside the hours of the clinic';

const count = (judged: readonly JudgedMutant[], kind: string): number =>
  judged.filter(({ fate }) => fate.kind === kind).length;

test('the shipped suite kills every mutant of every policy but the hours, of which there are over a hundred', () => {
  const others = healthcare.policies.policies.map(({ id }) => id).filter((id) => id !== HOURS);
  const judged = judgeMutants(healthcare, shipped, { policies: new Set(others) });
  expect(judged.filter(({ fate }) => ['survived', 'undecided'].includes(fate.kind))).toEqual([]);
  expect(count(judged, 'killed')).toBeGreaterThan(100);
  // None of these changes nothing, so that what is not killed is what Cedar refuses.
  expect(count(judged, 'equivalent')).toBe(0);
  expect(new Set(judged.map(({ mutation }) => mutation.policy)).size).toBe(7);
  expect(new Set(judged.map(({ mutation }) => mutation.kind)).size).toBe(5);
});

test('of the mutants of the hours, the shipped suite kills each that differs anywhere', () => {
  const every = 9;
  const some = mutationsOf(healthcare)
    .filter(({ policy }) => policy === HOURS)
    .filter((_, index) => index % every === 0);
  const judged = judgeMutants(healthcare, shipped, { mutations: some });
  expect(judged.length).toBeGreaterThan(40);
  expect(judged.filter(({ fate }) => ['survived', 'undecided'].includes(fate.kind))).toEqual([]);
  expect(count(judged, 'killed')).toBeGreaterThan(30);
});

const TOOLS = `gateways: [{ tier: a, arn: arn-a, targets: [T] }]
tools:
  - name: read
    targets: [T]
    inputSchema: { type: object, properties: { n: { type: integer }, s: { type: string } }, required: [n] }
`;
const folderOf = (text: string) =>
  policyFolder({
    folder: 'f',
    cedar: [{ file: 'p.cedar', text }],
    tools: { file: 'tools.yaml', text: TOOLS },
    iam: undefined,
  });

const suite = (expected: string) => `suite: s
now: 2026-07-14T12:00:00Z
principals: { own: { tags: { t: x } }, other: { tags: { t: y } }, none: {} }
inputs: { one: { n: 1 }, five: { n: 5 }, nine: { n: 9 } }
tests:
  - name: t
    principals: [own, other, none]
    tools: [read]
    inputs: [one, five, nine]
    expected:
${expected}`;
const POLICY =
  '@id("p") permit (principal, action, resource) when { principal.hasTag("t") && principal.getTag("t") == "x" && context.input.n >= 5 };';

test('a tag that is absent is never taken for one whose text is `undefined`', () => {
  const folder = folderOf(
    '@id("p") permit (principal, action, resource) when { if principal.hasTag("t") then principal.getTag("t") == "undefined" else true };' +
      '@id("f") forbid (principal, action, resource) when { principal.hasTag("t") };',
  );
  // Only without the tag does it matter what the first policy says, for the second one denies the rest.
  const turned = mutationsOf(folder).find(
    ({ policy, kind }) => policy === 'p' && kind === 'effect turned',
  );
  if (turned === undefined) throw new Error('no mutant has its effect turned');
  const difference = differenceOf(turned, folder);
  expect(difference.kind === 'a question' && difference.question.principal.tags).toEqual({});
});

test('a mutant that a weak suite misses comes with a question that tells it from the original', () => {
  const folder = folderOf(POLICY);
  // It never asks between five and nine, and not at the bound itself.
  const weak = readSuite(
    suite('      - { principals: [own], inputs: [nine], decision: ALLOW }').replace(
      'inputs: [one, five, nine]',
      'inputs: [one, nine]',
    ),
    's.yaml',
    folder,
  );
  const judged = judgeMutants(folder, weak);
  const survived = judged.filter(({ fate }) => fate.kind === 'survived');
  expect(survived.map(({ mutation }) => mutation.change)).toEqual([
    '`context.input.n >= 5` became `context.input.n > 5`',
    '`5` became `6`',
  ]);
  for (const { mutation, fate } of survived) {
    if (fate.kind !== 'survived') continue;
    const before = new PolicyEngine(folder.policies).decide(fate.question).decision;
    const after = new PolicyEngine({
      tools: folder.policies.tools,
      policies: [{ id: 'p', json: mutation.json }],
    }).decide(fate.question).decision;
    expect(before).not.toBe(after);
  }
  const strong = readSuite(
    suite('      - { principals: [own], inputs: [five, nine], decision: ALLOW }'),
    's.yaml',
    folder,
  );
  expect(count(judgeMutants(folder, strong), 'survived')).toBe(0);
});

test('a mutant that answers every question alike is equivalent, and never counted as killed', () => {
  const twice = `${POLICY}\n@id("q") forbid (principal, action, resource) unless { context.input.n >= 5 };`;
  const folder = folderOf(twice);
  const cases = readSuite(
    suite('      - { principals: [own], inputs: [five, nine], decision: ALLOW }'),
    's.yaml',
    folder,
  );
  const judged = judgeMutants(folder, cases, { policies: new Set(['p']) });
  const equivalent = judged.filter(({ fate }) => fate.kind === 'equivalent');
  // What the permit asks of `n`, the forbid asks again: without it, nothing changes.
  expect(equivalent.map(({ mutation }) => mutation.change)).toEqual([
    '`context.input.n >= 5` was dropped',
  ]);
  for (const { mutation } of equivalent) {
    const engine = new PolicyEngine({
      tools: folder.policies.tools,
      policies: folder.policies.policies.map((policy) =>
        policy.id === 'p' ? { id: 'p', json: mutation.json } : policy,
      ),
    });
    expect(cases.filter((one) => wrongIn(one, engine.decide(one.question)) !== '')).toEqual([]);
  }
});

test('what Cedar refuses is invalid, and what is said to be valid by its making is', () => {
  const folder = folderOf(POLICY);
  const all = mutationsOf(folder);
  const cases = readSuite(
    suite('      - { principals: [own], inputs: [five, nine], decision: ALLOW }'),
    's.yaml',
    folder,
  );
  const invalid = judgeMutants(folder, cases).filter(({ fate }) => fate.kind === 'invalid');
  expect(invalid.map(({ mutation }) => mutation.change)).toEqual([
    '`&&` became `||` before `principal.getTag("t") == "x"`',
    '`principal.hasTag("t")` was dropped',
    '`principal.hasTag("t")` became `!principal.hasTag("t")`',
  ]);
  const shippedOnes = mutationsOf(healthcare).filter((_, index) => index % 25 === 0);
  for (const { mayBeInvalid, json } of [...all, ...shippedOnes]) {
    if (mayBeInvalid) continue;
    const { tools } = shippedOnes.some((one) => one.json === json)
      ? healthcare.policies
      : folder.policies;
    expect(validityProblem(json, tools)).toBeUndefined();
  }
});

test('every mutant differs from its policy in one thing, and from every other mutant', () => {
  const all = mutationsOf(healthcare);
  expect(new Set(all.map(({ policy, json }) => JSON.stringify([policy, json]))).size).toBe(
    all.length,
  );
  expect(all.length).toBeGreaterThan(500);
});

const GATEWAYS = ['T', 'U'].map((target, index) => ({
  tier: target.toLowerCase(),
  arn: `g${index + 1}`,
  tools: ODD_TOOLS.filter((tool) => tool.target === target).map((tool) => ({
    ...tool,
    description: '',
  })),
}));

test('no question tells a mutant apart that is said to be equivalent, whatever the policies', () => {
  const seen = { equivalent: 0, survived: 0, asked: 0 };
  const property = fc.property(
    few(policyTexts, 2),
    similarQuestions,
    fc.nat(),
    (texts, asked, at) => {
      const folder = {
        folder: 'f',
        files: [],
        iam: undefined,
        gateways: GATEWAYS,
        policies: soundSet(texts),
      };
      const all = mutationsOf(folder);
      const some = Array.from(
        { length: Math.min(4, all.length) },
        (_, step) => (at + step * 7) % all.length,
      );
      const mutations = some.flatMap((index) => all[index] ?? []);
      const before = new PolicyEngine(folder.policies);
      for (const { mutation, fate } of judgeMutants(folder, [], {
        mutations,
        questionsMax: 800,
      })) {
        const after = new PolicyEngine({
          tools: folder.policies.tools,
          policies: folder.policies.policies.map((policy) =>
            policy.id === mutation.policy ? { id: policy.id, json: mutation.json } : policy,
          ),
        });
        const differs = (question: PolicyQuestion) =>
          before.decide(question).decision !== after.decide(question).decision;
        if (fate.kind === 'survived') {
          seen.survived += 1;
          expect(differs(fate.question)).toBe(true);
        }
        if (fate.kind !== 'equivalent') continue;
        seen.equivalent += 1;
        seen.asked += asked.length;
        expect(asked.filter(differs)).toEqual([]);
      }
    },
  );
  fc.assert(property, { numRuns: 8 });
  // What the test stands on is counted where chance cannot spare it.
  fc.assert(property, { numRuns: 12, seed: 1 });
  expect(seen.survived).toBeGreaterThan(5);
  expect(seen.equivalent).toBeGreaterThan(0);
  expect(seen.asked).toBeGreaterThan(0);
});

test('the command prints the score, and mutants that live make it miss its threshold', async () => {
  put('m/p.cedar', POLICY);
  put('m/tools.yaml', TOOLS);
  put(
    'm/tests/s.yaml',
    suite('      - { principals: [own], inputs: [nine], decision: ALLOW }').replace(
      'inputs: [one, five, nine]',
      'inputs: [one, nine]',
    ),
  );
  const cwd = placeOf('.');
  const run = (...more: readonly string[]) =>
    poolproof(['policy', 'mutants', 'm', '--out', 'o', ...more], { cwd });
  const missed = await run();
  expect(missed.code).toBe(3);
  expect(missed.stdout).toMatch(
    /^\d+ of \d+ mutants of 1 policy were killed by 6 cells \(\d\d\.\d %\)/,
  );
  expect(missed.stdout).toContain('would notice: {"tags":{"t":"x"}');
  expect(missed.stdout).toContain('replay  npx poolproof policy mutants m');
  expect((await run('--min', '50', '--quiet')).code).toBe(0);
  const none = await run('--only', 'nothing of the kind');
  expect(none.code).toBe(2);
  put('m/tests/s.yaml', suite('      - { inputs: [one], decision: ALLOW }'));
  const failing = await run();
  expect(failing.code).toBe(2);
  expect(failing.stderr).toContain('answered otherwise than expected already');
});
