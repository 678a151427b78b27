// Do policies allow what the table of entitlements says, no more and no less, over a year of hours?

import { type EntitlementLine, entitled } from '../../domain/entitlement.ts';
import type {
  EntitlementComparison,
  EntitlementDifference,
  Relation,
} from '../../domain/policy-matrix.ts';
import { formatInstant, localTime } from '../../kernel/calendar.ts';
import { DAY_US, MINUTE_US } from '../../kernel/clock.ts';
import { relationIn } from '../relation.ts';
import { eachPoint, type Point, type Space } from '../space.ts';
import type { Tenancy } from '../tenancy.ts';

/** What a scenario says of its users. */
export interface Entitlements {
  /** As the user named it. */
  readonly scenario: string;
  readonly table: readonly EntitlementLine[];
  readonly tiers: readonly string[];
  readonly tenants: readonly string[];
  readonly roles: readonly string[];
  readonly zones: readonly string[];
  readonly startUs: number;
}

/** Over a year from the start of the scenario, so that every change of the clocks is in it. */
const SPAN_US = 365 * DAY_US;

/**
 * Compares in every tier, role and zone of the scenario, at every hour. Where inputs and other tags matter, too, policies
 * allow too much if they do for any of their values, and too little if they do for none.
 */
export const compareEntitlements = (
  spaces: readonly Space[],
  entitlements: Entitlements,
  tenancy: Tenancy,
): EntitlementComparison => {
  let compared = 0;
  const found: Difference[] = [];
  for (const space of spaces) {
    const outcomes = outcomesIn(space, tenancy);
    for (const zone of entitlements.zones)
      for (const moment of momentsOf(space, entitlements, zone))
        for (const tier of entitlements.tiers)
          for (const role of entitlements.roles)
            for (const object of outcomes.objects) {
              compared += 1;
              const difference = compareOne({ space, zone, tier, role, object }, moment, {
                outcomes,
                entitlements,
                tenancy,
              });
              if (difference !== undefined) found.push(difference);
            }
  }
  const { startUs, scenario } = entitlements;
  return {
    scenario,
    from: formatInstant(startUs),
    to: formatInstant(startUs + SPAN_US),
    compared,
    differences: joined(found),
  };
};

interface Case {
  readonly space: Space;
  readonly zone: string;
  readonly tier: string;
  readonly role: string;
  readonly object: Relation;
}
type Difference = EntitlementDifference;

interface Against {
  readonly outcomes: Outcomes;
  readonly entitlements: Entitlements;
  readonly tenancy: Tenancy;
}

/** What policies do for any value of what the table does not speak of. */
interface Outcomes {
  readonly objects: readonly Relation[];
  readonly any: ReadonlyMap<string, readonly string[]>;
  readonly none: ReadonlyMap<string, readonly string[]>;
}

const outcomesIn = (space: Space, tenancy: Tenancy): Outcomes => {
  const relation = relationIn(space, tenancy);
  const fixed = fixedDimensions(space, tenancy);
  const any = new Map<string, readonly string[]>();
  const none = new Map<string, readonly string[]>();
  const objects = new Set<Relation>();
  eachPoint(space, (point) => {
    const answer = space.answer(point);
    const object = relation(point);
    if (answer === undefined || object === 'unnamed' || object === 'without a tenant') return;
    objects.add(object);
    const key = keyOf(fixed, point, object);
    if (answer.allowed) any.set(key, answer.by);
    else if (!none.has(key)) none.set(key, answer.by);
  });
  return { objects: [...objects], any, none };
};

const fixedDimensions = (
  { dimensions }: Space,
  { tierTag, roleTag, zoneTag }: Tenancy,
): readonly number[] => {
  const keys = [`tag ${tierTag}`, `tag ${roleTag}`, `tag ${zoneTag}`, 'time'];
  return keys.map((key) => dimensions.findIndex((dimension) => dimension.key === key));
};

const keyOf = (fixed: readonly number[], point: Point, object: Relation): string =>
  [...fixed.map((index) => point[index] ?? 0), object].join();

const compareOne = (
  { space, zone, tier, role, object }: Case,
  atUs: number,
  { outcomes, entitlements, tenancy }: Against,
): Difference | undefined => {
  const keys = [`tag ${tenancy.tierTag}`, `tag ${tenancy.roleTag}`, `tag ${tenancy.zoneTag}`];
  const values = [tier, role, zone];
  const indexes = keys.map((key, place) => indexIn(space, key, values[place]));
  const key = [...indexes, indexIn(space, 'time', atUs / 1000), object].join();
  const by = outcomes.any.get(key);
  const allowed = by !== undefined;
  const asker = { tier, role, zone };
  const use = { tool: space.tool.name, own: object === 'own', atUs };
  // A gateway serves the callers of its own tier and nobody else.
  const isEntitled = tier === space.tool.gateway.tier && entitled(entitlements.table, asker, use);
  if (allowed === isEntitled) return undefined;
  return {
    tool: space.action,
    gateway: space.tool.gateway.tier,
    tiers: [tier],
    roles: [role],
    object,
    zones: [zone],
    entitled: isEntitled,
    allowed,
    by: by ?? outcomes.none.get(key) ?? [],
    at: formatInstant(atUs),
  };
};

/** Any index where nothing of that key varies. Throws where it does, and the value is not among them. */
const indexIn = (space: Space, key: string, value: unknown): number => {
  if (space.dimensions.every((dimension) => dimension.key !== key)) return 0;
  const index = space.indexOf(key, value);
  if (index === undefined) throw new Error(`no question has the ${key} ${String(value)}`);
  return index;
};

/** One instant for each time that the policies, or the table by this zone's clock, can tell apart. */
const momentsOf = (
  space: Space,
  { table, startUs }: Entitlements,
  zone: string,
): readonly number[] => {
  const { name, gateway } = space.tool;
  const marks = table.flatMap(({ tool, tiers, hours }) =>
    hours !== undefined && tool === name && tiers.includes(gateway.tier)
      ? [hours.fromMinutes, hours.toMinutes]
      : [],
  );
  const clock = localClock(zone);
  const found = new Map<string, number>();
  for (const atUs of candidates(space, { marks, startUs, clock })) {
    const open = marks.map((mark) => Number(mark <= clock(atUs))).join('');
    const key = `${space.indexOf('time', atUs / 1000)} ${open}`;
    if (!found.has(key)) found.set(key, atUs);
  }
  return [...found.values()];
};

/** Minutes after midnight by a zone's clock. */
type LocalClock = (atUs: number) => number;

/** Asks for the zone's time at midnights only, and between two that differ. */
const localClock = (zone: string): LocalClock => {
  const ahead = new Map<number, number>();
  const aheadAt = (midnightUs: number): number => {
    const known = ahead.get(midnightUs) ?? localTime(midnightUs, zone).minutesOfDay;
    ahead.set(midnightUs, known);
    return known;
  };
  return (atUs) => {
    const midnightUs = atUs - (atUs % DAY_US);
    const minutes = aheadAt(midnightUs);
    if (minutes !== aheadAt(midnightUs + DAY_US)) return localTime(atUs, zone).minutesOfDay;
    return (Math.floor((atUs - midnightUs) / MINUTE_US) + minutes) % MINUTES_A_DAY;
  };
};

const MINUTES_A_DAY = DAY_US / MINUTE_US;

/** Every instant of the span at which something may change, and the last minute before it. */
const candidates = (
  { cuts }: Space,
  {
    marks,
    startUs,
    clock,
  }: {
    readonly marks: readonly number[];
    readonly startUs: number;
    readonly clock: LocalClock;
  },
): readonly number[] => {
  const firstUs = startUs - (startUs % DAY_US);
  const days = Array.from({ length: SPAN_US / DAY_US }, (_, day) => firstUs + day * DAY_US);
  const of = (kind: 'daily cut' | 'instant cut'): readonly number[] => [
    ...new Set(cuts.flatMap((cut) => (cut.kind === kind ? [cut.atMs * 1000] : []))),
  ];
  const daily = of('daily cut');
  // When the zone's clock shows a mark, by what it shows at noon.
  const local = marks.flatMap((mark) =>
    days.map((dayUs) => {
      const noonUs = dayUs + DAY_US / 2;
      return noonUs + (mark - clock(noonUs)) * MINUTE_US;
    }),
  );
  const changes = [
    startUs,
    ...of('instant cut'),
    ...days.flatMap((dayUs) => daily.map((ofDayUs) => dayUs + ofDayUs)),
    ...local,
  ];
  return changes
    .flatMap((atUs) => [atUs, atUs - MINUTE_US])
    .filter((atUs) => atUs >= startUs && atUs < startUs + SPAN_US);
};

/** Differences that are the same but for tiers, roles, zones or the instant, told once. */
const joined = (differences: readonly Difference[]): readonly Difference[] => {
  const byPlace = new Map<string, Difference>();
  for (const difference of differences) {
    const { tool, object, entitled: right, by, tiers } = difference;
    const key = JSON.stringify([tool, object, right, by, tiers]);
    const known = byPlace.get(key);
    byPlace.set(
      key,
      known === undefined
        ? difference
        : {
            ...known,
            roles: [...new Set([...known.roles, ...difference.roles])],
            zones: [...new Set([...known.zones, ...difference.zones])],
          },
    );
  }
  return [...byPlace.values()];
};
