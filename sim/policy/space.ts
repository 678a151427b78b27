// Which questions about a tool can policies tell apart, and what is Cedar's answer to each of them?

import type { PolicyQuestion } from '../domain/ports.ts';
import { actionOf } from '../domain/tool.ts';
import {
  appliesTo,
  type Cut,
  type LoadedPolicy,
  PolicyEngine,
  type PolicySet,
} from '../protocol/cedar.ts';
import { outcomeAt, sizeOf, type Table, tableOf } from './space/answers.ts';
import {
  type Dimension,
  dimensionsOf,
  type PlacedTool,
  questionAt,
  type Terms,
} from './space/dimensions.ts';
import { type Merged, merged } from './space/merging.ts';
import { emptyReading, readPolicy } from './space/reading.ts';
import { isTenant, keyOf } from './space/variable.ts';

export type { Dimension, PlacedTool, Terms } from './space/dimensions.ts';
export { fieldsOf } from './space/dimensions.ts';
export { type Axis, combinations, type Kinds, kindsOf } from './space/kinds.ts';
export type { Value } from './space/values.ts';
export { isTenant, type TenantNames } from './space/variable.ts';

/** A choice of one value in each dimension, by its index. */
export type Point = readonly number[];

/** Cedar's answer, with the policies that decided. */
export interface Answer {
  readonly allowed: boolean;
  /** Ids, sorted; of a policy that fails, `ID (fails)`. Empty when nothing applied. */
  readonly by: readonly string[];
}

/** All questions about one tool that one or more sets of policies can tell apart. */
export interface Space {
  readonly tool: PlacedTool;
  readonly action: string;
  readonly dimensions: readonly Dimension[];
  /** The points: the product of the dimensions. */
  readonly size: number;
  /** How often Cedar was asked so far. */
  readonly asked: () => number;
  /** True when there are more questions or points than the terms allow; none was asked then. */
  readonly overBound: boolean;
  /** Conditions of which it is not known that every value that they tell apart is here. */
  readonly unclear: readonly string[];
  /** The times at which a policy may change its mind. */
  readonly cuts: readonly Cut[];
  /** The question of a point, or `undefined` when there is none. */
  readonly question: (point: Point) => PolicyQuestion | undefined;
  /** The answer of one of the sets; `undefined` when there is no such question. */
  readonly answer: (point: Point, set?: number) => Answer | undefined;
  /** The index of a dimension's value that stands for this one; `undefined` when none does. */
  readonly indexOf: (key: string, value: unknown) => number | undefined;
}

/**
 * The space of a tool. Each policy is asked by itself for every choice in what it reads, by Cedar.
 * Points at which the same policies apply have the same answer; it is asked of Cedar once, of all
 * policies together, and compared with what follows from them: an error is thrown where it differs.
 */
export const spaceOf = (tool: PlacedTool, sets: readonly PolicySet[], terms: Terms): Space => {
  const action = actionOf(tool);
  const applicable = sets.map(({ policies }) =>
    policies.filter(({ json }) => appliesTo(json, tool)),
  );
  const all = distinct(applicable.flat());
  const reading = emptyReading();
  for (const { json } of all) readPolicy(json, reading);
  const { dimensions: full, times } = dimensionsOf(tool, reading, terms);
  const plans = all.map((policy) => ({ policy, reads: readsOf(policy, full) }));
  const questions = plans.reduce((sum, { reads }) => sum + sizeOf(full, reads), 0);
  const known = { tool, action, unclear: [...reading.unclear], cuts: reading.cuts };
  const over = (dimensions: readonly Dimension[]): Space => ({
    ...known,
    dimensions,
    size: productOf(dimensions),
    asked: () => 0,
    overBound: true,
    question: () => undefined,
    answer: () => undefined,
    indexOf: () => undefined,
  });
  if (questions > terms.questionsMax) return over(full);
  const { usualUs } = terms;
  const tables = plans.map(({ policy, reads }) => tableOf(policy, tool, full, { reads, usualUs }));
  const space = merged(full, tables, ({ variable }) => isTenant(variable, terms));
  if (productOf(space.dimensions) > terms.pointsMax) return over(space.dimensions);
  const deciders = sets.map((_, index) => deciderOf(tool, applicable[index] ?? [], space, usualUs));
  return {
    ...known,
    dimensions: space.dimensions,
    size: productOf(space.dimensions),
    asked: () => deciders.reduce((sum, { asked }) => sum + asked(), questions),
    overBound: false,
    question: (point) => questionAt(tool, space.dimensions, point, usualUs),
    answer: (point, set = 0) => deciders[set]?.answer(point),
    indexOf: (key, value) => {
      const dimension = space.dimensions.find((one) => one.key === key);
      const sought =
        key === 'time' && typeof value === 'number'
          ? times.instantsMs[times.standingFor(value) ?? -1]
          : value;
      const index = dimension?.alike.findIndex((members) => members.includes(sought as never));
      return index === undefined || index < 0 ? undefined : index;
    },
  };
};

/** Every point in turn; the last dimension changes fastest. The point is used again: copy it to keep it. */
export const eachPoint = (
  { dimensions, size }: Pick<Space, 'dimensions' | 'size'>,
  visit: (point: Point) => void,
): void => {
  const counts = dimensions.map(({ values }) => values.length);
  const point = counts.map(() => 0);
  for (let index = 0; index < size; index += 1) {
    visit(point);
    for (let place = counts.length - 1; place >= 0; place -= 1) {
      point[place] = ((point[place] ?? 0) + 1) % (counts[place] ?? 1);
      if (point[place] !== 0) break;
    }
  }
};

/** The names of all tags that any policy reads. */
export const tagsRead = (sets: readonly PolicySet[]): readonly string[] => {
  const reading = emptyReading();
  for (const { policies } of sets) for (const { json } of policies) readPolicy(json, reading);
  return [...reading.sightings.values()].flatMap(({ variable }) =>
    variable.kind === 'tag' ? [variable.name] : [],
  );
};

/** Policies of two sets that are the same text need to be asked but once. */
const distinct = (policies: readonly LoadedPolicy[]): readonly LoadedPolicy[] => [
  ...new Map(policies.map((policy) => [sameness(policy), policy])).values(),
];

const sameness = ({ id, text }: LoadedPolicy): string => JSON.stringify([id, text]);

const readsOf = ({ json }: LoadedPolicy, dimensions: readonly Dimension[]): readonly number[] => {
  const own = emptyReading();
  readPolicy(json, own);
  const keys = new Set([...own.sightings.values()].map(({ variable }) => keyOf(variable)));
  const isTimed = own.cuts.length > 0;
  // What is not understood may read anything, such as a tag by a name that an input gives.
  const mayReadAll = own.unclear.size > 0;
  return dimensions.flatMap(({ key }, index) =>
    mayReadAll || keys.has(key) || (key === 'time' && isTimed) ? [index] : [],
  );
};

const productOf = (dimensions: readonly Dimension[]): number =>
  dimensions.reduce((product, { values }) => product * values.length, 1);

interface Decider {
  readonly answer: (point: Point) => Answer | undefined;
  readonly asked: () => number;
}

const deciderOf = (
  tool: PlacedTool,
  policies: readonly LoadedPolicy[],
  { dimensions, tables }: Merged,
  usualUs: number,
): Decider => {
  const wanted = new Set(policies.map(sameness));
  const own = tables.filter(({ policy }) => wanted.has(sameness(policy)));
  const engine = new PolicyEngine({ policies, tools: [tool] }, { cacheEntries: 0 });
  const known = new Map<string, Answer>();
  const isNested = dimensions.some(
    ({ variable }) => variable.kind === 'input' && variable.path.length > 1,
  );
  return {
    asked: () => known.size,
    answer: (point) => {
      let key = '';
      for (const table of own) {
        const outcome = outcomeAt(table, dimensions, point);
        if (outcome === 3) return undefined;
        key += outcome;
      }
      if (isNested && questionAt(tool, dimensions, point, usualUs) === undefined) return undefined;
      const answered = known.get(key);
      if (answered !== undefined) return answered;
      const question = questionAt(tool, dimensions, point, usualUs);
      if (question === undefined) return undefined;
      const { decision, determining, errors } = engine.decide(question);
      const answer = composed(own, key);
      const isSame =
        (decision === 'allow') === answer.allowed &&
        errors.length > 0 === key.includes('2') &&
        (errors.length > 0 || determining.join('\n') === answer.by.join('\n'));
      if (!isSame)
        throw new Error(`Cedar answers otherwise than its policies: ${JSON.stringify(question)}`);
      known.set(key, answer);
      return answer;
    },
  };
};

/** Default deny; a forbid beats permits; a policy that fails denies, for it may be a forbid. */
const composed = (tables: readonly Table[], key: string): Answer => {
  const idsOf = (outcome: string, effect?: string): readonly string[] =>
    tables
      .filter(({ policy }, index) => {
        const isOfEffect = effect === undefined || policy.effect === effect;
        return key[index] === outcome && isOfEffect;
      })
      .map(({ policy }) => policy.id)
      .sort();
  const failed = idsOf('2');
  if (failed.length > 0) return { allowed: false, by: failed.map((id) => `${id} (fails)`) };
  const forbidding = idsOf('1', 'forbid');
  if (forbidding.length > 0) return { allowed: false, by: forbidding };
  const permitting = idsOf('1', 'permit');
  return { allowed: permitting.length > 0, by: permitting };
};
