// Who may call what: all questions about the tools, in groups that have the same answer.

import type { MatrixGroup } from '../../domain/policy-matrix.ts';
import { grouped, type Telling } from '../grouping.ts';
import type { Space } from '../space.ts';

/** The groups of all spaces, those of tools of one target with equal groups joined. */
export const groupsOf = (spaces: readonly Space[], telling: Telling): readonly MatrixGroup[] => {
  const joined = new Map<string, MatrixGroup>();
  const all = spaces.flatMap((space) =>
    grouped(space, (point) => space.answer(point), telling).map(
      ({ said: { allowed, by }, ...group }): MatrixGroup => ({
        tools: [space.action],
        tier: space.tool.gateway.tier,
        allowed,
        by,
        ...group,
      }),
    ),
  );
  for (const group of all) {
    const { tools, questions, ...rest } = group;
    const key = JSON.stringify([tools[0]?.replace(/___.*$/, ''), rest]);
    const known = joined.get(key);
    const more = {
      tools: [...(known?.tools ?? []), ...tools],
      questions: (known?.questions ?? 0) + questions,
    };
    joined.set(key, { ...group, ...more });
  }
  return [...joined.values()];
};
