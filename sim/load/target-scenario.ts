// What of a scenario is played against a user's own gateway: its streams, by the target's own people.

import type { LimitContract } from '../domain/limit.ts';
import { UsageError } from '../domain/usage-error.ts';
import {
  MODELS,
  type Scenario,
  type Stream,
  TASKS,
  type Task,
  type TenantPlan,
  type TierPlan,
} from '../scenario/schema.ts';
import type { Target } from './target.ts';

export interface TargetScenario {
  readonly scenario: Scenario;
  /** What of the scenario is left out, in words. */
  readonly notes: readonly string[];
}

/**
 * The scenario with the people, tiers and limits of the target in place of its own. Everybody talks:
 * what tools the target has is not known. Throws a UsageError when no stream means anybody.
 */
export const targetScenario = (
  scenario: Scenario,
  target: Target,
  file: string,
): TargetScenario => {
  const streams = scenario.traffic.map((stream) => streamFor(stream, target));
  const traffic = streams.filter((stream) => stream !== undefined);
  const left = scenario.traffic.filter((_, index) => streams[index] === undefined);
  if (traffic.length === 0) {
    const names = target.tenants.map(({ id, tier }) => `\`${id}\` (${tier})`).join(', ');
    throw new UsageError([
      {
        file,
        path: 'traffic',
        message: `no stream is for anybody of the target \`${target.name}\``,
        hint: `its tenants: ${names}`,
      },
    ]);
  }
  const tiers = [...new Set(target.tenants.map(({ tier }) => tier))];
  return {
    scenario: {
      ...scenario,
      tiers: Object.fromEntries(tiers.map((tier) => [tier, planOf(scenario, target, tier)])),
      tenants: target.tenants.map(tenantPlan),
      population: undefined,
      roles: [...new Set(target.tenants.flatMap(({ users }) => users.map(({ role }) => role)))],
      traffic,
      ...{ probes: undefined, changes: [], faults: [], moves: [], observer: undefined },
      thresholds: [],
      expects: [],
    },
    notes: [
      ...left.map(({ name }) => `the stream \`${name}\` is for nobody of the target`),
      ...(scenario.thresholds.length === 0
        ? []
        : ['thresholds of the scenario are for its own platform, and are not judged here']),
    ],
  };
};

const planOf = (scenario: Scenario, { limits }: Target, tier: string): TierPlan => {
  const known = scenario.tiers[tier] ?? { model: MODELS[0], wire: 'converse' as const };
  const promised: LimitContract = limits[tier] ?? {};
  return { ...known, limits: promised };
};

const tenantPlan = ({ id, tier, zone, weight, users }: Target['tenants'][number]): TenantPlan => ({
  ...{ id, tier, zone, weight, patients: 0, documents: 0 },
  users: users.map(({ name, role }) => ({ id: name, role })),
});

/** Undefined when it is for nobody of the target. */
const streamFor = (stream: Stream, { tenants }: Target): Stream | undefined => {
  const { tenants: choice } = stream;
  const talk = { ...stream, mix: ONLY_TALK };
  if (choice.kind === 'all') return talk;
  if (choice.kind === 'tier')
    return tenants.some(({ tier }) => tier === choice.tier) ? talk : undefined;
  const here = choice.tenants.filter((id) => tenants.some((tenant) => tenant.id === id));
  return here.length === 0 ? undefined : { ...talk, tenants: { kind: 'tenants', tenants: here } };
};

const ONLY_TALK = Object.fromEntries(
  TASKS.map((task) => [task, task === 'talk' ? 1 : 0]),
) as Readonly<Record<Task, number>>;
