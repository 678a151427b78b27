// How does a caller stand to the tenant whose object a question is about?

import { RELATIONS, type Relation } from '../domain/policy-matrix.ts';
import type { Point, Space } from './space.ts';
import type { Tenancy } from './tenancy.ts';

/** The relation at each point of a space, as an index of `RELATIONS`. */
export const relationIn = (
  { dimensions }: Pick<Space, 'dimensions'>,
  { tenantTags, tenantInputs }: Pick<Tenancy, 'tenantTags' | 'tenantInputs'>,
): ((point: Point) => Relation) => {
  const indexed = dimensions.map((dimension, index) => ({ ...dimension, index }));
  const callers = indexed.filter(
    ({ variable }) => variable.kind === 'tag' && tenantTags.includes(variable.name),
  );
  const objects = indexed.filter(({ variable }) => isTenantInput(variable, tenantInputs));
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

export const isTenantInput = (
  variable: Space['dimensions'][number]['variable'],
  tenantInputs: readonly string[],
): boolean => variable.kind === 'input' && tenantInputs.includes(variable.path.join('.'));
