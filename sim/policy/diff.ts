// Whose answers change from one policy folder to another?

import { type ExitCode, exitCode, verdictOf } from '../domain/exit-code.ts';
import type { PolicyChange, PolicyDiff } from '../domain/policy-diff.ts';
import { actionOf } from '../domain/tool.ts';
import { formatInstant } from '../kernel/calendar.ts';
import type { PolicySet } from '../protocol/cedar.ts';
import { grouped, joinedTools, type Telling } from './grouping.ts';
import { isForeign, relationIn } from './relation.ts';
import { eachPoint, type PlacedTool, type Space, spaceOf, type Terms } from './space.ts';
import type { Tenancy } from './tenancy.ts';

export interface DiffSide {
  readonly tools: readonly PlacedTool[];
  readonly policies: PolicySet;
}

export interface DiffTerms {
  readonly terms: Terms;
  readonly tenancy: Tenancy;
  /** Whether a change that crosses no tenants is a threshold missed. */
  readonly failOnChange: boolean;
  readonly isStopped: () => boolean;
}

/** All but what the command alone knows. */
export type JudgedDiff = Omit<PolicyDiff, 'sentence' | 'version' | 'old' | 'new' | 'replay'>;

/**
 * Asks both folders every question that either of them can tell apart. What only one of them has is
 * asked of both: the other has no policy for it, and denies. A tool's input is that of the new one.
 */
export const diffOf = (
  before: DiffSide,
  after: DiffSide,
  { terms, tenancy, failOnChange, isStopped }: DiffTerms,
): JudgedDiff => {
  const [oldActions, newActions] = [before, after].map(({ tools }) => tools.map(actionOf));
  const gone = before.tools.filter((tool) => newActions?.includes(actionOf(tool)) === false);
  const tools = [...after.tools, ...gone];
  const spaces: Space[] = [];
  for (const tool of tools)
    if (!isStopped()) spaces.push(spaceOf(tool, [before.policies, after.policies], terms));
  const judged = spaces.filter(({ overBound }) => !overBound);
  const telling: Telling = { tenancy, usualUs: terms.usualUs };
  const counts = judged.map((space) => countsOf(space, tenancy));
  const sum = (name: keyof Counts): number => counts.reduce((total, one) => total + one[name], 0);
  const overBound = spaces.filter((space) => space.overBound).map(({ action }) => action);
  const unclear = judged.flatMap(({ action, unclear: conditions }) =>
    conditions.map((condition) => ({ action, condition })),
  );
  const changed = sum('allowedNow') + sum('deniedNow');
  const code: ExitCode = exitCode({
    findings: sum('acrossTenants'),
    inconclusive: overBound.length + unclear.length > 0 || spaces.length < tools.length,
    thresholdsMissed: failOnChange ? changed : 0,
  });
  return {
    schema: 'poolproof.policy-diff/1',
    verdict: verdictOf(code),
    exitCode: code,
    questions: judged.reduce((total, { size }) => total + size, 0),
    allowedNow: sum('allowedNow'),
    deniedNow: sum('deniedNow'),
    acrossTenants: sum('acrossTenants'),
    decidedOtherwise: sum('decidedOtherwise'),
    day: formatInstant(terms.usualUs).slice(0, 10),
    changes: joined(judged.flatMap((space) => changesIn(space, telling))),
    toolsGone: gone.map(actionOf),
    toolsNew: (newActions ?? []).filter((action) => oldActions?.includes(action) === false),
    inputsChanged: after.tools
      .filter((tool) => {
        const old = before.tools.find((one) => actionOf(one) === actionOf(tool));
        return old !== undefined && shapeOf(old) !== shapeOf(tool);
      })
      .map(actionOf),
    overBound,
    unclear,
  };
};

const shapeOf = ({ inputSchema, gateway }: PlacedTool): string =>
  JSON.stringify([inputSchema, gateway.arn]);

type Counts = Record<'allowedNow' | 'deniedNow' | 'acrossTenants' | 'decidedOtherwise', number>;

const countsOf = (space: Space, tenancy: Tenancy): Counts => {
  const relation = relationIn(space, tenancy);
  const counts: Counts = { allowedNow: 0, deniedNow: 0, acrossTenants: 0, decidedOtherwise: 0 };
  eachPoint(space, (point) => {
    const [before, after] = [space.answer(point, 0), space.answer(point, 1)];
    if (before === undefined || after === undefined) return;
    if (before.allowed === after.allowed) {
      if (before.by.join('\n') !== after.by.join('\n')) counts.decidedOtherwise += 1;
      return;
    }
    counts[after.allowed ? 'allowedNow' : 'deniedNow'] += 1;
    if (after.allowed && isForeign(relation(point))) counts.acrossTenants += 1;
  });
  return counts;
};

const changesIn = (space: Space, telling: Telling): readonly PolicyChange[] =>
  grouped(
    space,
    (point, relation) => {
      const [before, after] = [space.answer(point, 0), space.answer(point, 1)];
      if (before === undefined || after === undefined) return undefined;
      if (before.allowed === after.allowed) return undefined;
      return {
        change: after.allowed ? ('allowed now' as const) : ('denied now' as const),
        oldBy: before.by,
        newBy: after.by,
        // Never told in one sentence with what stays within a tenant.
        acrossTenants: after.allowed && isForeign(relation),
      };
    },
    telling,
  ).map(({ said, ...group }) => ({
    tools: [space.action],
    tier: space.tool.gateway.tier,
    ...said,
    ...group,
  }));

/** What crosses tenants comes first. */
const joined = (changes: readonly PolicyChange[]): readonly PolicyChange[] =>
  joinedTools(changes).toSorted(
    (one, other) => Number(other.acrossTenants) - Number(one.acrossTenants),
  );
