// Is it told which policies and conditions decided, by what Cedar says they are worth?

import { expect, test } from 'vitest';
import type { PolicyQuestion } from '../sim/domain/ports.ts';
import { Coverage } from '../sim/policy/covered.ts';
import { ask, load } from './cedar/odd.ts';
import { poolproof, put, smallScenario } from './command-line.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

/** What the questions cover of a policy, each condition as `text true false`. */
const covered = (when: string, questions: readonly PolicyQuestion[]) => {
  const coverage = new Coverage({
    policies: load(
      `@id("p") permit (principal, action == AgentCore::Action::"T___one", resource) ${when};`,
    ),
  });
  for (const question of questions) coverage.add(question, 'suite');
  const [policy] = coverage.covered();
  return {
    decided: policy?.decided.suite,
    conditions: policy?.conditions.map(
      ({ text, wasTrue, wasFalse }) => `${text} ${wasTrue} ${wasFalse}`,
    ),
  };
};

const tagged = (...values: readonly string[]) =>
  values.map((t) => ask({ principal: { id: 'u', tags: t === '' ? {} : { t } } }));

test('the shipped suite covers every policy and both outcomes of every condition', async () => {
  const { code, stdout } = await poolproof(
    ['policy', 'coverage', '--min', '100', '--out', placeOf('out'), '--stdout', 'json'],
    { cwd: ROOT },
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ policiesPercent: 100, outcomesPercent: 100 });
});

test('each part of a conjunction is covered when Cedar comes to it, and not before', () => {
  const when = 'when { principal.hasTag("t") && principal.getTag("t") == "x" }';
  const [has, is] = ['principal.hasTag("t")', 'principal.getTag("t") == "x"'];
  expect(covered(when, tagged(''))).toEqual({
    decided: 0,
    conditions: [`${has} false true`, `${is} false false`],
  });
  expect(covered(when, tagged('x'))).toEqual({
    decided: 1,
    conditions: [`${has} true false`, `${is} true false`],
  });
  expect(covered(when, tagged('', 'x', 'y')).conditions).toEqual([
    `${has} true true`,
    `${is} true true`,
  ]);
});

test('of a disjunction the second part is come to where the first is false', () => {
  const when = 'when { context.input.s == "x" || context.input.n > 1 }';
  const [first, second] = ['context.input.s == "x"', 'context.input.n > 1'];
  expect(covered(when, [ask()]).conditions).toEqual([
    `${first} true false`,
    `${second} false false`,
  ]);
  expect(covered(when, [ask({ input: { s: 'y', n: 1 } })]).conditions).toEqual([
    `${first} false true`,
    `${second} false true`,
  ]);
});

test('a choice comes to one branch, a negation to what it negates, and a clause after those that let it', () => {
  const when =
    'when { if context.input.s == "x" then context.input.n > 1 else !(context.input.n > 5) } unless { context.input.s == "z" }';
  const seen = (input: Record<string, unknown>) => covered(when, [ask({ input })]).conditions;
  expect(seen({ s: 'x', n: 1 })).toEqual([
    'context.input.s == "x" true false',
    'context.input.n > 1 false true',
    'context.input.n > 5 false false',
    'context.input.s == "z" false false',
  ]);
  expect(seen({ s: 'z', n: 1 })).toEqual([
    'context.input.s == "x" false true',
    'context.input.n > 1 false false',
    'context.input.n > 5 false true',
    'context.input.s == "z" true false',
  ]);
});

test('what lies outside a policy’s scope covers nothing of it', () => {
  const coverage = new Coverage({
    policies: load(
      '@id("p") permit (principal, action, resource == AgentCore::Gateway::"g2") when { context.input.s == "x" };',
    ),
  });
  coverage.add(ask(), 'suite');
  expect(coverage.covered()).toMatchObject([
    { decided: { suite: 0 }, conditions: [{ wasTrue: false, wasFalse: false }] },
  ]);
});

test('a run is covered by itself or beside the suite, and too little of it misses the threshold', async () => {
  put('small.yaml', smallScenario({ requestsPerHour: 60 }));
  const cover = (...more: readonly string[]) =>
    poolproof(
      [
        ...['policy', 'coverage', '--scenario', placeOf('small.yaml')],
        ...['--out', placeOf('out'), '--stdout', 'json', ...more],
      ],
      { cwd: ROOT },
    );
  const alone = await cover('--no-suite', '--min', '100');
  const told = JSON.parse(alone.stdout) as {
    readonly asked: { readonly suite: number; readonly scenario: number };
    readonly policiesPercent: number;
    readonly replay: string;
  };
  expect(told.asked.suite).toBe(0);
  expect(told.asked.scenario).toBeGreaterThan(10);
  expect(told.policiesPercent).toBeLessThan(100);
  expect(alone.code).toBe(3);
  expect(told.replay).toContain('--no-suite --min 100');
  const both = await cover('--min', '100');
  expect(both.code).toBe(0);
  expect(JSON.parse(both.stdout)).toMatchObject({ asked: { scenario: told.asked.scenario } });
});

test('a share that is none, and nothing to ask, are mistakes', async () => {
  const { code, stderr } = await poolproof(
    ['policy', 'coverage', '--no-suite', '--min', '101', '--out', placeOf('out')],
    { cwd: ROOT },
  );
  expect(code).toBe(2);
  expect(stderr).toContain('--min: not understood: `101`');
  expect(stderr).toContain('--no-suite: leaves no questions to ask');
});
