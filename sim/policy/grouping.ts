// How are the questions of a space told: in groups that differ only in what is listed.

import { RELATIONS, type Relation } from '../domain/policy-matrix.ts';
import { type Box, boxesOf } from './boxes.ts';
import { hoursOf } from './hours.ts';
import { relationIn, relationIndex } from './relation.ts';
import { type Dimension, eachPoint, isTenant, type Point, type Space } from './space.ts';
import type { Tenancy } from './tenancy.ts';
import { wordsOf } from './words.ts';

/** Questions of which the same is said. */
export interface Group<T> {
  readonly said: T;
  readonly objects: readonly Relation[];
  /** Values of tags and inputs by key; what is not here may have any value or none. */
  readonly where: Readonly<Record<string, readonly string[]>>;
  /** Hours of the usual day; null for any time. */
  readonly hours: string | null;
  readonly questions: number;
}

export interface Telling {
  readonly tenancy: Tenancy;
  /** Hours are shown on the day that holds it, in microseconds. */
  readonly usualUs: number;
}

/** Groups the points of which something is said; values are equal when their JSON is. */
export const grouped = <T>(
  space: Space,
  say: (point: Point, relation: Relation) => T | undefined,
  { tenancy, usualUs }: Telling,
): readonly Group<T>[] => {
  const shown = shownDimensions(space, tenancy);
  const relation = relationIn(space, tenancy);
  const bySaid = new Map<string, Gathered<T>>();
  eachPoint(space, (point) => {
    const stands = relation(point);
    const said = say(point, stands);
    if (said === undefined) return;
    const key = JSON.stringify(said);
    const gathered = bySaid.get(key) ?? { said, points: new Map() };
    bySaid.set(key, gathered);
    const at = [...shown.map(({ index }) => point[index] ?? 0), relationIndex(stands)];
    const text = at.join();
    const known = gathered.points.get(text);
    if (known === undefined) gathered.points.set(text, { at, count: 1 });
    else known.count += 1;
  });
  const groups = [...bySaid.values()].flatMap(({ said, points }) =>
    boxesOf([...points.values()].map(({ at }) => at)).map((box): Group<T> => {
      const times = shown.findIndex(({ dimension }) => dimension.key === 'time');
      const zone = zoneOf(shown, box, tenancy);
      return {
        said,
        objects: (box.at(-1) ?? []).flatMap((index) => RELATIONS[index] ?? []),
        where: whereOf(shown, box),
        hours: times < 0 ? null : hoursOf(space, box[times] ?? [], { usualUs, zone }),
        questions: countOf(points, box),
      };
    }),
  );
  return joinedZones(groups, tenancy);
};

interface Gathered<T> {
  readonly said: T;
  /** Coordinates by their text, each with how many points have them. */
  readonly points: Map<string, { readonly at: readonly number[]; count: number }>;
}

/** What is told of several tools of one target in the same words is told once, of all of them. */
export const joinedTools = <
  T extends { readonly tools: readonly string[]; readonly questions: number },
>(
  all: readonly T[],
): readonly T[] => {
  const joined = new Map<string, T>();
  for (const one of all) {
    const { tools, questions, ...rest } = one;
    const key = JSON.stringify([tools[0]?.replace(/___.*$/, ''), rest]);
    const known = joined.get(key);
    joined.set(key, {
      ...one,
      tools: [...(known?.tools ?? []), ...tools],
      questions: (known?.questions ?? 0) + questions,
    });
  }
  return [...joined.values()];
};

interface Shown {
  readonly dimension: Dimension;
  readonly index: number;
}

/** Those that can be told apart, the time first: what differs in it alone is joined first. */
const shownDimensions = (space: Space, tenancy: Tenancy): readonly Shown[] => {
  const isTimed = ({ dimension }: Shown): number => Number(dimension.key === 'time');
  return space.dimensions
    .map((dimension, index) => ({ dimension, index }))
    .filter(
      ({ dimension: { values, variable } }) => values.length > 1 && !isTenant(variable, tenancy),
    )
    .sort((one, other) => isTimed(other) - isTimed(one));
};

const whereOf = (shown: readonly Shown[], box: Box): Group<unknown>['where'] =>
  Object.fromEntries(
    shown.flatMap(({ dimension }, place) => {
      if (dimension.key === 'time') return [];
      const words = wordsOf(dimension, box[place] ?? []);
      return words === undefined ? [] : [[dimension.key, words] as const];
    }),
  );

/** The zone of a group that has but one. */
const zoneOf = (shown: readonly Shown[], box: Box, { zoneTag }: Tenancy): string | undefined => {
  const place = shown.findIndex(({ dimension }) => dimension.key === `tag ${zoneTag}`);
  const chosen = place < 0 ? [] : (box[place] ?? []);
  const zones = chosen.flatMap((index) => shown[place]?.dimension.alike[index] ?? []);
  const [zone] = zones;
  return zones.length === 1 && typeof zone === 'string' ? zone : undefined;
};

const countOf = (points: Gathered<unknown>['points'], box: Box): number => {
  let count = 0;
  for (const { at, count: own } of points.values())
    if (at.every((value, place) => box[place]?.includes(value))) count += own;
  return count;
};

/** Zones with the same hours by their own clocks are told once. */
const joinedZones = <T>(groups: readonly Group<T>[], { zoneTag }: Tenancy): readonly Group<T>[] => {
  const key = `tag ${zoneTag}`;
  const joined = new Map<string, Group<T>>();
  for (const group of groups) {
    const { [key]: zones = [], ...where } = group.where;
    const isLocal = group.hours?.endsWith('local') === true;
    const { questions, ...rest } = group;
    const name = JSON.stringify(isLocal ? [{ ...rest, where }] : rest);
    const known = joined.get(name);
    if (known === undefined) joined.set(name, group);
    else
      joined.set(name, {
        ...known,
        where: { ...known.where, [key]: [...(known.where[key] ?? []), ...zones].sort() },
        questions: known.questions + questions,
      });
  }
  return [...joined.values()];
};
