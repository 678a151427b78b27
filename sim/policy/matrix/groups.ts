// Who may call what: all questions about the tools, in groups that have the same answer.

import type { MatrixGroup } from '../../domain/policy-matrix.ts';
import { grouped, joinedTools, type Telling } from '../grouping.ts';
import type { Space } from '../space.ts';

/** The groups of all spaces, those of tools of one target with equal groups joined. */
export const groupsOf = (spaces: readonly Space[], telling: Telling): readonly MatrixGroup[] => {
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
  return joinedTools(all);
};
