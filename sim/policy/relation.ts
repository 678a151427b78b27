// How does a caller stand to the tenant whose object a question is about?

import { RELATIONS, type Relation } from '../domain/policy-matrix.ts';
import { isTenant, type Point, type Space, type TenantNames } from './space.ts';

/** The relation at each point of a space, as an index of `RELATIONS`. */
export const relationIn = (
  { dimensions }: Pick<Space, 'dimensions'>,
  names: TenantNames,
): ((point: Point) => Relation) => {
  const indexed = dimensions
    .map((dimension, index) => ({ ...dimension, index }))
    .filter(({ variable }) => isTenant(variable, names));
  const callers = indexed.filter(({ variable }) => variable.kind === 'tag');
  const objects = indexed.filter(({ variable }) => variable.kind === 'input');
  const chosen = (from: typeof indexed, point: Point): readonly unknown[] =>
    from
      .map(({ values, index }) => values[point[index] ?? 0])
      .filter((value) => value !== undefined);
  return (point) => {
    if (objects.length === 0) return 'none';
    const meant = chosen(objects, point);
    if (meant.length === 0) return 'unnamed';
    const own = chosen(callers, point);
    if (own.length === 0) return 'without a tenant';
    const [tenant] = own;
    const isOwn = [...own, ...meant].every((value) => value === tenant);
    return isOwn ? 'own' : "another tenant's";
  };
};

/** Whether the relation means an object that is not the caller's. */
export const isForeign = (relation: Relation): boolean =>
  relation === "another tenant's" || relation === 'without a tenant';

export const relationIndex = (relation: Relation): number => RELATIONS.indexOf(relation);
