// Do the healthcare platform's policies allow what it promises, and nothing else?

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { PolicyQuestion } from '../sim/domain/ports.ts';
import { behindTargets, HEALTHCARE_TARGETS, HEALTHCARE_TOOLS } from '../sim/domain/tool.ts';
import { localTime } from '../sim/kernel/calendar.ts';
import { HOUR_US, MINUTE_US } from '../sim/kernel/clock.ts';
import { loadPolicies, PolicyEngine } from '../sim/protocol/cedar.ts';
import { NOON_US, us } from './cedar/odd.ts';

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
