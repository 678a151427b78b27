// What does a run need besides its scenario: policies prepared, IAM documents, tools behind each tier's target.

import type { PolicyPort } from '../domain/ports.ts';
import { HEALTHCARE_TOOLS, type TargetTool } from '../domain/tool.ts';
import { loadPolicies, PolicyEngine, type PolicyEngineSettings, type PolicyFile } from '../protocol/cedar.ts';
import type { Scenario } from '../scenario/schema.ts';
import { targetOf } from './simulate.ts';

/** The tools as they stand behind the gateway targets of a scenario's tiers. */
export const targetTools = (scenario: Scenario): readonly TargetTool[] =>
  Object.keys(scenario.tiers).flatMap((tier) =>
    HEALTHCARE_TOOLS.filter(({ tiers }) => tiers.includes(tier)).map(({ name, inputSchema }) => ({
      target: targetOf(tier), name, inputSchema,
    })),
  );

/** A Cedar engine over policy files; throws `UsageError` with every complaint of all of them. */
export const policyEngine = (
  scenario: Scenario, files: readonly PolicyFile[], settings: PolicyEngineSettings,
): PolicyPort & PolicyEngine => new PolicyEngine(loadPolicies(files, targetTools(scenario)), settings);
