// What may policies speak of: the Cedar schema that AgentCore Gateway generates from its tools.

import type { SchemaJson, Type } from '@cedar-policy/cedar-wasm/nodejs';
import {
  actionOf,
  type InputSchema,
  type ObjectSchema,
  type TargetTool,
} from '../../domain/tool.ts';

export const PRINCIPAL_TYPE = 'AgentCore::OAuthUser';
export const ACTION_TYPE = 'AgentCore::Action';
export const GATEWAY_TYPE = 'AgentCore::Gateway';

/** The groups that an action is in, nearest first: its target, `CallTool` and `Mcp`. */
export const actionGroups = (target: string): readonly string[] => [target, 'CallTool', 'Mcp'];

/**
 * The schema of a gateway with these tools. Integers are `Long`, numbers `decimal`, arrays `Set`,
 * objects `Record`; what is not required is optional. Source: AgentCore's schema constraints.
 * Throws on two tools of one name and on a field whose name Cedar's JSON gives another meaning.
 */
export const gatewaySchema = (tools: readonly TargetTool[]): SchemaJson<string> => {
  // SIMPLIFICATION: no `IamEntity`; these gateways take callers with a bearer token only.
  const actions: SchemaJson<string>[string]['actions'] = {
    Mcp: {},
    CallTool: { memberOf: [{ id: 'Mcp' }] },
  };
  for (const { target } of tools) actions[target] = { memberOf: [{ id: 'CallTool' }] };
  for (const tool of tools) {
    const action = actionOf(tool);
    if (Object.hasOwn(actions, action)) throw new Error(`two tools are called \`${action}\``);
    actions[action] = {
      memberOf: [{ id: tool.target }, { id: 'CallTool' }],
      appliesTo: {
        principalTypes: ['OAuthUser'],
        resourceTypes: ['Gateway'],
        context: record({ input: recordOf(tool.inputSchema), system: SYSTEM }),
      },
    };
  }
  return {
    AgentCore: {
      entityTypes: {
        OAuthUser: { shape: record({ id: { type: 'String' } }), tags: { type: 'String' } },
        Gateway: {},
      },
      actions,
    },
  };
};

const record = (attributes: Record<string, Type<string> & { required?: boolean }>) => ({
  type: 'Record' as const,
  attributes,
});

const SYSTEM = record({ now: { type: 'Extension', name: 'datetime' } });

const recordOf = ({ properties, required }: ObjectSchema): Type<string> => {
  const fields = Object.entries(properties).map(([name, schema]) => {
    if (name.startsWith('__')) throw new Error(`no field of a tool may be called \`${name}\``);
    return [name, { ...typeOf(schema), required: required.includes(name) }] as const;
  });
  return record(Object.fromEntries(fields));
};

const typeOf = (schema: InputSchema): Type<string> => {
  switch (schema.type) {
    case 'object':
      return recordOf(schema);
    case 'array':
      return { type: 'Set', element: typeOf(schema.items) };
    case 'string':
      return { type: 'String' };
    case 'integer':
      return { type: 'Long' };
    case 'number':
      return { type: 'Extension', name: 'decimal' };
    case 'boolean':
      return { type: 'Boolean' };
  }
};
