// Which policies and questions are tried: every form of condition and scope, and questions that differ in little.

import fc from 'fast-check';
import type { PolicyQuestion } from '../../sim/domain/ports.ts';
import { DAY_US, HOUR_US, MINUTE_US } from '../../sim/kernel/clock.ts';
import type { PolicySet } from '../../sim/protocol/cedar.ts';
import { load, NOON_US, us } from './odd.ts';

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
export const now = 'context.system.now';
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
export const policyTexts = fc.boolean().chain((rich) =>
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
export const few = <T>(items: fc.Arbitrary<T>, maxLength: number) =>
  fc.array(items, { minLength: 1, maxLength });

/** Questions that differ in little: those are the ones that a key which says too little mixes up. */
export const similarQuestions: fc.Arbitrary<readonly PolicyQuestion[]> = fc
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
export const soundSet = (texts: readonly string[]): PolicySet =>
  load(texts.map((policy, number) => `@id("policy number ${number}") ${policy}\n`).join(''));
