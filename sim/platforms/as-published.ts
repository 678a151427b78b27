// What does the published sample's code do, hole by hole: the platform that shows why proof is needed.

import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Directory } from '../domain/directory.ts';
import type { Rule } from '../domain/fidelity.ts';
import type { Platform, PlatformKit } from '../domain/ports.ts';
import { UsagePlanLimiter } from '../protocol/limiter.ts';
import { Tracing } from '../protocol/tracing.ts';
import { ControlPlane } from '../services/control-plane.ts';
import { FRONT_DOOR_RULES } from '../services/front-door.ts';
import { UserPool } from '../services/identity.ts';
import { MEMORY_RULES, memory } from '../services/memory.ts';
import { SecurityTokenService, STS_RULES } from '../services/sts.ts';
import { TABLE_RULES, table } from '../services/table.ts';
import { AGENT_RULES } from './as-published/agent.ts';
import { AGENT_TOOL_RULES } from './as-published/agent-tools.ts';
import { AUTHORIZER_RULES } from './as-published/authorizer.ts';
import { PUBLISHED_VENDING_RULES, vendingLibrary } from './as-published/credentials.ts';
import { frontDoor, PROXY_RULES } from './as-published/front-door.ts';
import { PUBLISHED_GATEWAY_RULES, publishedGateway } from './as-published/gateway.ts';
import { OPEN_POOL_RULES, openPool } from './as-published/identity.ts';
import { TIER_KNOWLEDGE_RULES, tierKnowledge } from './as-published/knowledge.ts';
import { MEMORY_HOOK_RULES } from './as-published/memory-hook.ts';
import { PUBLISHED_POLICY_RULES, publishedPolicy } from './as-published/policies.ts';
import { ROLE_RULES, Roles, vendedPolicies } from './as-published/roles.ts';
import { PUBLISHED_RUNTIME_RULES, PublishedRuntime } from './as-published/runtime.ts';
import { PublishedTenants, TENANT_RULES } from './as-published/tenants.ts';
import { AS_PUBLISHED_TERMS, type AsPublishedTerms } from './as-published/terms.ts';
import { LAMBDA_RULES, toolLambda } from './as-published/tools.ts';

export type { AsPublishedTerms } from './as-published/terms.ts';

/** Its own rules, each with the line of the sample that it follows, and those of the AWS services under it. */
export const AS_PUBLISHED_RULES: readonly Rule[] = [
  ...OPEN_POOL_RULES,
  ...TENANT_RULES,
  ...PROXY_RULES,
  ...FRONT_DOOR_RULES,
  ...AUTHORIZER_RULES,
  ...PUBLISHED_RUNTIME_RULES,
  ...AGENT_RULES,
  ...AGENT_TOOL_RULES,
  ...PUBLISHED_GATEWAY_RULES,
  ...PUBLISHED_POLICY_RULES,
  ...LAMBDA_RULES,
  ...PUBLISHED_VENDING_RULES,
  ...STS_RULES,
  ...ROLE_RULES,
  ...TABLE_RULES,
  ...MEMORY_HOOK_RULES,
  ...MEMORY_RULES,
  ...TIER_KNOWLEDGE_RULES,
];

/**
 * The platform that behaves as the sample at aws-samples/sample-agentcore-and-multitenancy-blog
 * (60c804c) does; `given` decides what the sources leave open. Brings its own Cedar policies and
 * IAM documents: those of the kit are the reference's.
 */
export const asPublished =
  (given: Partial<AsPublishedTerms> = {}) =>
  (kit: PlatformKit): Platform => {
    const terms: AsPublishedTerms = { ...AS_PUBLISHED_TERMS, ...given };
    const { deployment, keys, outside } = kit;
    const directory: Directory = { tenants: new Map(), users: new Map() };
    const tracing = new Tracing(kit.spanProcessors as readonly SpanProcessor[]);
    const pool = new UserPool(directory, deployment, keys);
    const sts = new SecurityTokenService(vendedPolicies());
    const control = new ControlPlane(directory, () => keys.rotate());
    const tenants = new PublishedTenants(control, directory);
    const identity = openPool(pool.handle, directory, keys, terms);
    return {
      name: 'as-published',
      services: {
        identity: tracing.traced('identity', identity),
        'front-door': tracing.traced('front-door', frontDoor(deployment, terms)),
        runtime: tracing.traced('runtime', new PublishedRuntime(deployment, terms).handle),
        gateway: tracing.traced('gateway', publishedGateway(deployment, terms)),
        tools: tracing.traced('tools', toolLambda(directory)),
        credentials: tracing.traced('credentials', vendingLibrary),
        sts: tracing.traced('sts', sts.handle),
        table: tracing.traced('table', table),
        memory: tracing.traced('memory', memory),
        knowledge: tracing.traced('knowledge', tierKnowledge(directory)),
        model: outside.model,
        web: outside.web,
      },
      policy: publishedPolicy(deployment),
      access: new Roles(sts),
      limiters: { 'front-door': new UsagePlanLimiter(), gateway: new UsagePlanLimiter() },
      operate: (operation, hop) => tenants.operate(operation, hop),
      rules: AS_PUBLISHED_RULES,
    };
  };
