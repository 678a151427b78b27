// Is a user of one tenant ever allowed on another's object, and which is the smallest such question?

import { type Counterexample, RELATIONS, type Relation } from '../../domain/policy-matrix.ts';
import type { PolicyQuestion } from '../../domain/ports.ts';
import { formatInstant } from '../../kernel/calendar.ts';
import { isForeign, relationIn } from '../relation.ts';
import { eachPoint, type Point, type Space } from '../space.ts';
import type { Tenancy } from '../tenancy.ts';

/** What Cedar keeps apart of one tool's objects. */
export interface Separation {
  readonly space: Space;
  /** Whether the tool's input can name a tenant at all. */
  readonly seesObject: boolean;
  /** Whether a question about another tenant's object was there to be asked. */
  readonly asksForeign: boolean;
  readonly allowsOwn: boolean;
  readonly counterexample: Counterexample | undefined;
}

/** Goes over every question; the smallest has the fewest tags and inputs. */
export const separationOf = (space: Space, tenancy: Tenancy): Separation => {
  const relation = relationIn(space, tenancy);
  let seesObject = false;
  let asksForeign = false;
  let allowsOwn = false;
  let smallest: { readonly question: PolicyQuestion; readonly point: Point } | undefined;
  let size = Number.POSITIVE_INFINITY;
  eachPoint(space, (point) => {
    const stands = relation(point);
    if (stands !== 'none') seesObject = true;
    if (!isForeign(stands)) {
      if (!allowsOwn && space.answer(point)?.allowed === true) allowsOwn = true;
      return;
    }
    const answer = space.answer(point);
    if (answer !== undefined) asksForeign = true;
    if (answer?.allowed !== true) return;
    const question = space.question(point);
    if (question === undefined) return;
    const own = sizeOf(question, stands);
    if (own >= size) return;
    size = own;
    smallest = { question, point: [...point] };
  });
  const counterexample = shown(smallest, space, relation);
  return { space, seesObject, asksForeign, allowsOwn, counterexample };
};

/** A user of some tenant shows more than somebody without one. */
const sizeOf = ({ principal, input }: PolicyQuestion, relation: Relation): number =>
  Object.keys(principal.tags).length +
  Object.keys(input).length +
  (relation === RELATIONS[1] ? 0 : 1.5);

const shown = (
  smallest: { readonly question: PolicyQuestion; readonly point: Point } | undefined,
  space: Space,
  relation: (point: Point) => Relation,
): Counterexample | undefined => {
  if (smallest === undefined) return undefined;
  const { principal, input, nowUs } = smallest.question;
  const stands = relation(smallest.point);
  return {
    action: space.action,
    relation: stands,
    example: {
      because:
        stands === 'without a tenant'
          ? 'a caller without a tenant asks for the object of one'
          : 'a user of one tenant asks for the object of another',
      principal,
      tool: space.action,
      gateway: space.tool.gateway.tier,
      input,
      now: formatInstant(nowUs),
    },
    by: space.answer(smallest.point)?.by ?? [],
  };
};
