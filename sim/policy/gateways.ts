// Which tools can be called, and where: gateways with their targets and the tools behind those.

import { gatewayArn } from '../domain/arn.ts';
import type { TierId } from '../domain/caller.ts';
import {
  HEALTHCARE_TARGETS,
  HEALTHCARE_TOOLS,
  type ObjectSchema,
  type TargetTool,
} from '../domain/tool.ts';

/** An AgentCore gateway: the resource that policies name, for callers of one tier. */
export interface Gateway {
  readonly tier: TierId;
  readonly arn: string;
  readonly tools: readonly GatewayTool[];
}

export interface GatewayTool extends TargetTool {
  readonly description: string;
  readonly inputSchema: ObjectSchema;
}

/** The healthcare platform's two gateways, with the tools of each tier. */
export const HEALTHCARE_GATEWAYS: readonly Gateway[] = Object.entries(HEALTHCARE_TARGETS).map(
  ([tier, target]) => ({
    tier,
    arn: gatewayArn(tier),
    tools: HEALTHCARE_TOOLS.filter(({ tiers }) => tiers.includes(tier)).map(
      ({ name, description, inputSchema }) => ({ target, name, description, inputSchema }),
    ),
  }),
);

/** Every tool with its gateway. */
export const behindGateways = (
  gateways: readonly Gateway[],
): readonly (GatewayTool & { readonly gateway: Gateway })[] =>
  gateways.flatMap((gateway) => gateway.tools.map((tool) => ({ ...tool, gateway })));
