// How is the reference platform put together: every service done right, each replaceable.

import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Directory } from '../domain/directory.ts';
import type { Rule } from '../domain/fidelity.ts';
import type { Platform, PlatformKit } from '../domain/ports.ts';
import { compilePolicy } from '../protocol/iam.ts';
import { UsagePlanLimiter } from '../protocol/limiter.ts';
import { Tracing } from '../protocol/tracing.ts';
import { agent } from '../services/agent.ts';
import { ControlPlane } from '../services/control-plane.ts';
import { tokenVendingMachine, VENDING_RULES } from '../services/credentials.ts';
import { FRONT_DOOR_RULES, FrontDoor } from '../services/front-door.ts';
import { GATEWAY_RULES, Gateway } from '../services/gateway.ts';
import { IDENTITY_RULES, UserPool } from '../services/identity.ts';
import { KNOWLEDGE_RULES, knowledge } from '../services/knowledge.ts';
import { MEMORY_RULES, memory } from '../services/memory.ts';
import { RUNTIME_RULES, Runtime } from '../services/runtime.ts';
import { SecurityTokenService, STS_RULES } from '../services/sts.ts';
import { TABLE_RULES, table } from '../services/table.ts';
import { TOOLS_RULES, tools } from '../services/tools.ts';

export const REFERENCE_RULES: readonly Rule[] = [
  ...IDENTITY_RULES,
  ...FRONT_DOOR_RULES,
  ...RUNTIME_RULES,
  ...GATEWAY_RULES,
  ...TOOLS_RULES,
  ...VENDING_RULES,
  ...STS_RULES,
  ...TABLE_RULES,
  ...MEMORY_RULES,
  ...KNOWLEDGE_RULES,
];

/** The pool done right. Throws `UsageError` when an IAM policy document is not valid. */
export const reference = (kit: PlatformKit): Platform => {
  const { deployment } = kit;
  const directory: Directory = { tenants: new Map(), users: new Map() };
  const tracing = new Tracing(kit.spanProcessors as readonly SpanProcessor[]);
  const pool = new UserPool(directory, deployment, kit.keys);
  const sts = new SecurityTokenService(
    Object.entries(kit.iamDocuments).map(([file, document]) => compilePolicy(document, file)),
  );
  const control = new ControlPlane(directory, () => kit.keys.rotate());
  return {
    name: 'reference',
    services: {
      identity: tracing.traced('identity', pool.handle),
      'front-door': tracing.traced('front-door', new FrontDoor(deployment, directory).handle),
      runtime: tracing.traced('runtime', new Runtime(deployment, agent(deployment)).handle),
      gateway: tracing.traced('gateway', new Gateway(deployment, kit.tools).handle),
      tools: tracing.traced('tools', tools(deployment)),
      credentials: tracing.traced('credentials', tokenVendingMachine(deployment)),
      sts: tracing.traced('sts', sts.handle),
      table: tracing.traced('table', table),
      memory: tracing.traced('memory', memory),
      knowledge: tracing.traced('knowledge', knowledge),
      model: kit.outside.model,
      web: kit.outside.web,
    },
    policy: kit.policy,
    access: sts,
    limiters: { 'front-door': new UsagePlanLimiter(), gateway: new UsagePlanLimiter() },
    operate: (operation, hop) => control.operate(operation, hop),
    rules: REFERENCE_RULES,
  };
};
