// Does a tier get what it bought: its requests a day, its rate, its model, its tools, its hours?

import { expect, test } from 'vitest';
import { readInputs } from '../sim/cli/inputs.ts';
import type { HistoryEvent, Observer } from '../sim/domain/history.ts';
import { fold } from '../sim/engines/run.ts';
import { put, smallScenario } from './command-line.ts';
import { ROOT } from './tidy/house.ts';

const SECOND_US = 1_000_000;

/** Plays a scenario before `see`, in which nothing else may be found either: test/clean.test.ts counts on that. */
const played = async (file: string, see: Observer['see']) => {
  const { inputs } = await readInputs(file, { platform: 'reference' });
  const folded = await fold(inputs, { wallMs: () => 0, digested: false, observers: [{ see }] });
  const { played: run, verdicts, measured } = folded;
  expect([...verdicts, measured.limits].flatMap(({ findings }) => findings)).toEqual([]);
  expect(run).toMatchObject({ stalled: 0, partial: false });
  expect(verdicts.find(({ promise }) => promise === 'I1')?.evidence).toBeGreaterThan(0);
  return folded;
};

const tierOf = ({ request }: HistoryEvent): string | undefined => request?.principal?.tenant.tier;

// ---- Quotas and rates.

/** What the tiers of the scenario bought, written here again. */
const BOUGHT = {
  basic: { quotaADay: 50, requestsPerSecond: 2, burst: 5 },
  premium: { quotaADay: 500, requestsPerSecond: 10, burst: 20 },
} as const;

const isTier = (tier: string | undefined): tier is keyof typeof BOUGHT =>
  tier === 'basic' || tier === 'premium';

/** By tenant: when a request was let through the front door, and how many on each UTC day. */
class Admissions {
  readonly atUs = new Map<string, number[]>();
  readonly perDay = new Map<string, Map<number, number>>();

  see(event: HistoryEvent): void {
    if (event.kind !== 'exchange' || event.to !== 'runtime' || event.from !== 'front-door') return;
    const tenant = `${tierOf(event)} ${event.request?.principal?.tenant.id}`;
    this.atUs.set(tenant, [...(this.atUs.get(tenant) ?? []), event.startedUs]);
    const day = Math.floor(event.startedUs / (86_400 * SECOND_US));
    const days = this.perDay.get(tenant) ?? new Map<number, number>();
    this.perDay.set(tenant, days.set(day, (days.get(day) ?? 0) + 1));
  }
}

/** The first window, of all, in which more than burst + rate × time passed. */
const excess = (
  atUs: readonly number[],
  bought: { readonly requestsPerSecond: number; readonly burst: number },
): readonly [from: number, to: number] | undefined => {
  const times = atUs.toSorted((a, b) => a - b);
  for (const [from, fromUs] of times.entries()) {
    for (let to = from; to < times.length; to += 1) {
      const grownMicroPermits = ((times[to] ?? 0) - fromUs) * bought.requestsPerSecond;
      if ((to - from + 1 - bought.burst) * SECOND_US > grownMicroPermits) return [from, to];
    }
  }
  return undefined;
};

test('over four days of asking for more, each tenant gets its quota to the request, and no burst beyond', async () => {
  const admissions = new Admissions();
  const { measured, verdicts } = await played(`${ROOT}scenarios/quota-midnight.yaml`, (event) =>
    admissions.see(event),
  );
  const tenants = ['basic clinic-a', 'basic clinic-b', 'premium clinic-e', 'premium hospital-a'];
  expect([...admissions.perDay.keys()].sort()).toEqual(tenants);
  for (const tenant of tenants) {
    const tier = tenant.split(' ')[0];
    if (!isTier(tier)) throw new Error(`no such tier: ${tier}`);
    const { quotaADay } = BOUGHT[tier];
    // By our own count of what the front door let through, on each UTC day.
    const days = [...(admissions.perDay.get(tenant)?.values() ?? [])];
    expect([tenant, days]).toEqual([tenant, Array.from({ length: 4 }, () => quotaADay)]);
    expect([tenant, excess(admissions.atUs.get(tenant) ?? [], BOUGHT[tier])]).toEqual([
      tenant,
      undefined,
    ]);
  }

  // By the report's count.
  for (const { tier, daily, wrongAdmissions, wrongRefusals } of measured.limiter) {
    if (!isTier(tier)) throw new Error(`no such tier: ${tier}`);
    expect({ wrongAdmissions, wrongRefusals }).toEqual({ wrongAdmissions: 0, wrongRefusals: 0 });
    expect(daily.map(({ day }) => day)).toEqual([
      '2026-05-04',
      '2026-05-05',
      '2026-05-06',
      '2026-05-07',
    ]);
    for (const { admitted, quota, refusedByQuota } of daily) {
      expect([admitted, quota]).toEqual([BOUGHT[tier].quotaADay, BOUGHT[tier].quotaADay]);
      expect(refusedByQuota).toBeGreaterThan(0);
    }
  }
  expect(measured.limiter).toHaveLength(4);
  expect([...verdicts, measured.limits].flatMap(({ findings }) => findings)).toEqual([]);
});

test('one request beyond the burst, or a permit that comes a microsecond early, is an excess', () => {
  const { basic } = BOUGHT;
  const atOnce = (count: number): number[] => Array.from({ length: count }, () => 0);
  expect(excess(atOnce(5), basic)).toBeUndefined();
  expect(excess(atOnce(6), basic)).toEqual([0, 5]);
  expect(excess([...atOnce(5), SECOND_US / 2], basic)).toBeUndefined();
  expect(excess([...atOnce(5), SECOND_US / 2 - 1], basic)).toEqual([0, 5]);
});

// ---- Models and tools.

const BOTH_TIERS_ASK_FOR_ALL = smallScenario({
  duration: '2h',
  requestsPerHour: 20,
  mix: '{ patient_context: 1, clinic_config: 1, web_search: 2, talk: 1 }',
  more: 'probes: { every: 5m, kinds: [premium-tool] }\n',
});

test.each(['helpful', 'hostile'])(
  'a Basic user gets Mistral and never a web search, a Premium user GPT OSS: %s models',
  async (behaviour) => {
    const file = put(`${behaviour}.yaml`, `${BOTH_TIERS_ASK_FOR_ALL}behaviour: ${behaviour}\n`);
    const models = new Set<string>();
    const counts = { asked: 0, denied: 0, probed: 0, searched: 0, served: 0 };
    const { measured, verdicts } = await played(file, (event) => {
      const tier = tierOf(event);
      if (event.kind === 'metered') models.add(`${tier} ${event.modelId}`);
      if (event.kind === 'arrived' && tier === 'basic') {
        if (event.request?.asks?.tool === 'web_search') counts.asked += 1;
        if (event.request?.probe?.kind === 'premium-tool') counts.probed += 1;
      }
      if (event.kind === 'decided' && event.question.action.endsWith('___web_search')) {
        if (tier === 'basic' && event.decision?.decision === 'deny') counts.denied += 1;
        if (tier === 'basic' && event.decision?.decision === 'allow') counts.served += 1;
      }
      if (event.kind === 'exchange' && event.to === 'web') {
        if (tier === 'premium') counts.searched += 1;
        else counts.served += 1;
      }
    });
    expect([...models].sort()).toEqual([
      'basic mistral.ministral-3-8b-instruct',
      'premium openai.gpt-oss-120b',
    ]);
    expect(counts.served).toBe(0);
    expect(Math.min(counts.asked, counts.probed, counts.searched)).toBeGreaterThan(0);
    // A helpful model calls what it was offered; a hostile one what it is told, and Cedar denies it.
    expect(counts.denied > 0).toBe(behaviour === 'hostile');
    expect([...verdicts, measured.limits].flatMap(({ findings }) => findings)).toEqual([]);
  },
);

// ---- Hours.

/**
 * Hours behind UTC in winter; each zone put its clocks forward at 02:00 by them on 8 March 2026, so
 * at 02:00 plus that many hours UTC. Source: the Energy Policy Act of 2005, second Sunday in March.
 */
const BEHIND_UTC: Readonly<Record<string, number>> = {
  'America/New_York': 5,
  'America/Chicago': 6,
  'America/Denver': 7,
  'America/Los_Angeles': 8,
};
const CHANGE_DAY_US = Date.UTC(2026, 2, 8) * 1000;
const HOUR_US = 3600 * SECOND_US;

/** Whether it is 08:00 to 18:00 on the wall, and whether it would be by the winter's clock. */
const officeHours = (atUs: number, zone: string): { open: boolean; byWinter: boolean } => {
  const behind = BEHIND_UTC[zone];
  if (behind === undefined) throw new Error(`the test knows no zone ${zone}`);
  const isSummer = atUs >= CHANGE_DAY_US + (2 + behind) * HOUR_US;
  const open = (behindUtc: number): boolean => {
    const ofDayUs =
      (((atUs - behindUtc * HOUR_US) % (24 * HOUR_US)) + 24 * HOUR_US) % (24 * HOUR_US);
    return ofDayUs >= 8 * HOUR_US && ofDayUs < 18 * HOUR_US;
  };
  return { open: open(isSummer ? behind - 1 : behind), byWinter: open(behind) };
};

const CLINICAL = /___(patient_context|retrieve_clinic_documents)$/;

test('Basic’s clinical data opens at 08:00 and closes at 18:00 on the wall, also after the clocks changed', async () => {
  const wrong: string[] = [];
  const counts = { before: 0, after: 0, opened: 0, closed: 0, movedByTheChange: 0 };
  await played(`${ROOT}scenarios/summer-time.yaml`, (event) => {
    if (event.kind !== 'decided' || !CLINICAL.test(event.question.action)) return;
    const tenant = event.request?.principal?.tenant;
    if (tenant === undefined || event.decision === undefined) return;
    const { open, byWinter } = officeHours(event.atUs, tenant.zone);
    if (event.decision.decision !== (open ? 'allow' : 'deny')) {
      wrong.push(`${tenant.zone} at ${event.atUs}: ${event.decision.decision}`);
    }
    counts[event.atUs < CHANGE_DAY_US ? 'before' : 'after'] += 1;
    counts[open ? 'opened' : 'closed'] += 1;
    if (open !== byWinter) counts.movedByTheChange += 1;
  });
  expect(wrong).toEqual([]);
  // Each side of each change was asked for, and often enough for a wrong clock to show.
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(10);
});

test('at night Basic’s clinical data is closed and Premium’s open', async () => {
  const night = smallScenario({
    start: '2026-03-02T07:00:00Z',
    mix: '{ patient_context: 1 }',
  });
  const decisions = new Set<string>();
  await played(put('night.yaml', night), (event) => {
    if (event.kind !== 'decided' || !CLINICAL.test(event.question.action)) return;
    decisions.add(`${tierOf(event)} ${event.decision?.decision}`);
  });
  expect([...decisions].sort()).toEqual(['basic deny', 'premium allow']);
});
