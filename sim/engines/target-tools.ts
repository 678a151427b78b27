// Which tools stand behind the gateway targets of a scenario's tiers?

import { HEALTHCARE_TOOLS, type TargetTool } from '../domain/tool.ts';
import type { Scenario } from '../scenario/schema.ts';

/** The tools of each tier, as policies name them: `Target___tool`. */
export const targetTools = (scenario: Scenario): readonly TargetTool[] =>
  Object.keys(scenario.tiers).flatMap((tier) =>
    HEALTHCARE_TOOLS.filter(({ tiers }) => tiers.includes(tier)).map(({ name, inputSchema }) => ({
      target: targetOf(tier),
      name,
      inputSchema,
    })),
  );

/** The gateway target of a tier, e.g. `HealthcareLambda-Basic`. */
export const targetOf = (tier: string): string =>
  `HealthcareLambda-${tier.charAt(0).toUpperCase()}${tier.slice(1)}`;
