// Who may call what: all questions about the tools, in groups that have the same answer.

import { type MatrixGroup, RELATIONS, type Relation } from '../../domain/policy-matrix.ts';
import { boxesOf } from '../boxes.ts';
import { isTenantInput, relationIn, relationIndex } from '../relation.ts';
import { type Answer, type Dimension, eachPoint, type Space } from '../space.ts';
import type { Tenancy } from '../tenancy.ts';
import { wordsOf } from '../words.ts';
import { hoursOf } from './hours.ts';

/** The groups of all spaces, those of tools with equal groups joined. */
export const groupsOf = (
  spaces: readonly Space[],
  tenancy: Tenancy,
  usualUs: number,
): readonly MatrixGroup[] => {
  const joined = new Map<string, MatrixGroup>();
  for (const group of spaces.flatMap((space) => groupsIn(space, tenancy, usualUs))) {
    const { tools, questions, ...rest } = group;
    // Only tools of one target are joined: another gateway is another place.
    const key = JSON.stringify([tools[0]?.replace(/___.*$/, ''), rest]);
    const known = joined.get(key);
    joined.set(
      key,
      known === undefined
        ? group
        : {
            ...known,
            tools: [...new Set([...known.tools, ...tools])],
            questions: known.questions + questions,
          },
    );
  }
  return [...joined.values()];
};

interface Gathered {
  readonly answer: Answer;
  /** The coordinates by their text, each with how many points have them. */
  readonly points: Map<string, { readonly at: readonly number[]; count: number }>;
}

const groupsIn = (space: Space, tenancy: Tenancy, usualUs: number): readonly MatrixGroup[] => {
  const shown = shownDimensions(space, tenancy);
  const relation = relationIn(space, tenancy);
  const byAnswer = new Map<string, Gathered>();
  eachPoint(space, (point) => {
    const answer = space.answer(point);
    if (answer === undefined) return;
    const key = JSON.stringify(answer);
    const gathered = byAnswer.get(key) ?? { answer, points: new Map() };
    byAnswer.set(key, gathered);
    const at = [...shown.map(({ index }) => point[index] ?? 0), relationIndex(relation(point))];
    const text = at.join();
    const known = gathered.points.get(text);
    if (known === undefined) gathered.points.set(text, { at, count: 1 });
    else known.count += 1;
  });
  const groups = [...byAnswer.values()].flatMap(({ answer, points }) =>
    boxesOf([...points.values()].map(({ at }) => at)).map((box): MatrixGroup => {
      const times = shown.findIndex(({ dimension }) => dimension.key === 'time');
      const zone = zoneOf(shown, box, tenancy);
      return {
        tools: [space.action],
        allowed: answer.allowed,
        by: answer.by,
        objects: (box.at(-1) ?? []).flatMap((index): Relation[] =>
          RELATIONS[index] === undefined ? [] : [RELATIONS[index]],
        ),
        where: whereOf(shown, box),
        hours: times < 0 ? null : hoursOf(space, box[times] ?? [], { usualUs, zone }),
        questions: countOf(points, box),
      };
    }),
  );
  return joinedZones(groups, tenancy);
};

interface Shown {
  readonly dimension: Dimension;
  readonly index: number;
}

/** Those that can be told apart, the time first, for what differs in it alone is joined first. */
const shownDimensions = (space: Space, { tenantTags, tenantInputs }: Tenancy): readonly Shown[] =>
  space.dimensions
    .map((dimension, index) => ({ dimension, index }))
    .filter(({ dimension: { values, variable } }) => {
      const isTenant =
        (variable.kind === 'tag' && tenantTags.includes(variable.name)) ||
        isTenantInput(variable, tenantInputs);
      return values.length > 1 && !isTenant;
    })
    .sort(
      (one, other) => Number(other.dimension.key === 'time') - Number(one.dimension.key === 'time'),
    );

const whereOf = (
  shown: readonly Shown[],
  box: readonly (readonly number[])[],
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    shown.flatMap(({ dimension }, place) => {
      if (dimension.key === 'time') return [];
      const words = wordsOf(dimension, box[place] ?? []);
      return words === undefined ? [] : [[dimension.key, words] as const];
    }),
  );

const zoneOf = (
  shown: readonly Shown[],
  box: readonly (readonly number[])[],
  { zoneTag }: Tenancy,
): string | undefined => {
  const place = shown.findIndex(({ dimension }) => dimension.key === `tag ${zoneTag}`);
  const chosen = place < 0 ? [] : (box[place] ?? []);
  const zones = chosen.flatMap((index) => shown[place]?.dimension.alike[index] ?? []);
  const [zone] = zones;
  return zones.length === 1 && typeof zone === 'string' ? zone : undefined;
};

const countOf = (points: Gathered['points'], box: readonly (readonly number[])[]): number => {
  let count = 0;
  for (const { at, count: own } of points.values())
    if (at.every((value, place) => box[place]?.includes(value))) count += own;
  return count;
};

/** Zones with the same hours by their own clocks are told once. */
const joinedZones = (
  groups: readonly MatrixGroup[],
  { zoneTag }: Tenancy,
): readonly MatrixGroup[] => {
  const key = `tag ${zoneTag}`;
  const joined = new Map<string, MatrixGroup>();
  for (const group of groups) {
    const { [key]: zones, ...where } = group.where;
    const isLocal = zones !== undefined && group.hours?.endsWith('local') === true;
    const { questions, ...rest } = group;
    const name = JSON.stringify(isLocal ? [{ ...rest, where }] : rest);
    const known = joined.get(name);
    joined.set(
      name,
      known === undefined
        ? group
        : {
            ...known,
            where: {
              ...known.where,
              [key]: [...(known.where[key] ?? []), ...(zones ?? [])].sort(),
            },
            questions: known.questions + questions,
          },
    );
  }
  return [...joined.values()];
};
