// Over which questions does a command of the bench go: what varies, and how many at most?

import { actionOf } from '../../domain/tool.ts';
import { parseInstantUs } from '../../kernel/calendar.ts';
import type { PlacedTool, Terms } from '../../policy/space.ts';
import { type Tenancy, tenancyOf } from '../../policy/tenancy.ts';
import type { PolicyFolder } from '../../policy.ts';
import { suggestion } from '../../scenario/wording.ts';
import type { Complaints } from '../options.ts';

/** What says over which questions a command goes. */
export interface SpaceFlags {
  readonly tool?: string;
  readonly tenantTag?: string;
  readonly tenantInput?: string;
  readonly most?: string;
}

/** The flags as they were typed, for the line that repeats the command. */
export const spaceOptions = ({
  tool,
  tenantTag,
  tenantInput,
  most,
}: SpaceFlags): Readonly<Record<string, string | undefined>> => ({
  tool,
  'tenant-tag': tenantTag,
  'tenant-input': tenantInput,
  most,
});

/** Questions to Cedar about one tool at most: some 20 s on a slow machine. Assumed. */
const QUESTIONS_MAX = 200_000;
/** Answers that are put together for each question asked, at most. Assumed. */
const POINTS_A_QUESTION = 20;

/** A Monday in working hours, wherever in America: as the scenarios begin. Assumed. */
const USUAL_US = parseInstantUs('2026-03-02T15:00:00Z') ?? 0;

/** What varies beside what the policies name, and where the clock stands for who does not look at it. */
export interface MoreTerms {
  readonly tiers: readonly string[];
  readonly roles: readonly string[];
  readonly zones: readonly string[];
  readonly usualUs?: number;
}

export interface NamedTerms {
  readonly terms: Terms;
  readonly tenancy: Tenancy;
}

const NOTHING_MORE: MoreTerms = { tiers: [], roles: [], zones: [] };
const NOTHING_NAMED: Tenancy = {
  tenantTags: [],
  tenantInputs: [],
  tierTag: 'tier',
  roleTag: 'role',
  zoneTag: 'zone',
};

/** The terms for one or more folders. They are not to be used once `complaints` holds any. */
export const termsOf = (
  folders: readonly PolicyFolder[],
  flags: SpaceFlags,
  complaints: Complaints,
  more: MoreTerms = NOTHING_MORE,
): NamedTerms => {
  const named = { tags: namesIn(flags.tenantTag), inputs: namesIn(flags.tenantInput) };
  const sets = folders.map(({ policies }) => policies);
  const gateways = folders.flatMap((folder) => folder.gateways);
  const tenancy = complaints.attempt(() => tenancyOf(sets, gateways, named)) ?? NOTHING_NAMED;
  const questionsMax =
    flags.most === undefined ? QUESTIONS_MAX : complaints.count('--most', flags.most);
  const tiers = [...new Set([...gateways.map(({ tier }) => tier), ...more.tiers])];
  return {
    tenancy,
    terms: {
      tags: {
        [tenancy.tierTag]: tiers,
        [tenancy.roleTag]: more.roles,
        ...(more.zones.length === 0 ? {} : { [tenancy.zoneTag]: more.zones }),
      },
      tenantTags: tenancy.tenantTags,
      tenantInputs: tenancy.tenantInputs,
      usualUs: more.usualUs ?? USUAL_US,
      questionsMax,
      pointsMax: questionsMax * POINTS_A_QUESTION,
    },
  };
};

const namesIn = (list: string | undefined): readonly string[] | undefined =>
  list
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** All tools, or those of the names, as policies call them or without their target. */
export const chosenTools = (
  tools: readonly PlacedTool[],
  names: string | undefined,
  complaints: Complaints,
): readonly PlacedTool[] => {
  if (names === undefined) return tools;
  const wanted = names.split(',').map((name) => name.trim());
  const known = [...new Set(tools.flatMap((tool) => [tool.name, actionOf(tool)]))];
  for (const name of wanted)
    if (!known.includes(name))
      complaints.add({
        file: '--tool',
        message: `no tool is called \`${name}\``,
        hint: suggestion(name, known, 'tools'),
      });
  return tools.filter((tool) => wanted.includes(tool.name) || wanted.includes(actionOf(tool)));
};
