// Is a user's policy folder read as one thing, with its tools and gateways, and complained of at once?

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPolicyFolder } from '../sim/cli/policy/folder.ts';
import { gatewayArn } from '../sim/domain/arn.ts';
import { HEALTHCARE_TARGETS } from '../sim/domain/tool.ts';
import { UsageError } from '../sim/domain/usage-error.ts';
import { GATEWAY_TOOLS, publishedPolicies } from '../sim/platforms/as-published/policies.ts';
import { behindGateways, HEALTHCARE_GATEWAYS, policyFolder } from '../sim/policy.ts';
import { loadPolicies } from '../sim/protocol/cedar.ts';
import { poolproof, put } from './command-line.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

test('the folder of the published sample says what its platform says, of the same tools', () => {
  const folder = readPolicyFolder(join(ROOT, 'policies', 'as-published'));
  const text = publishedPolicies(
    Object.entries(HEALTHCARE_TARGETS).map(([tier, target]) => ({
      tier,
      target,
      gatewayArn: gatewayArn(tier),
    })),
  );
  const platform = loadPolicies([{ file: 'platform', text }], folder.policies.tools);
  const byId = (policies: typeof platform.policies) =>
    Object.fromEntries(policies.map(({ id, json }) => [id, json]));
  expect(byId(folder.policies.policies)).toEqual(byId(platform.policies));
  expect(folder.gateways.map(({ tier, arn }) => [tier, arn])).toEqual(
    HEALTHCARE_GATEWAYS.map(({ tier, arn }) => [tier, arn]),
  );
  for (const { name, inputSchema } of GATEWAY_TOOLS) {
    const tool = folder.policies.tools.find((one) => one.name === name);
    const types = (of: typeof inputSchema | undefined) =>
      Object.entries(of?.properties ?? {}).map(([field, { type }]) => [field, type]);
    expect(types(tool?.inputSchema)).toEqual(types(inputSchema));
  }
});

test('without a file of tools, the healthcare tools stand behind two gateways', () => {
  const folder = readPolicyFolder(join(ROOT, 'policies'));
  expect(
    behindGateways(folder.gateways).map(({ gateway, name }) => `${gateway.tier} ${name}`),
  ).toEqual([
    ...['patient_context', 'clinic_config', 'retrieve_clinic_documents', 'current_time'].map(
      (name) => `basic ${name}`,
    ),
    ...[
      'patient_context',
      'clinic_config',
      'retrieve_clinic_documents',
      'web_search',
      'current_time',
    ].map((name) => `premium ${name}`),
  ]);
});

const ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:gateway/refund-gw';
const REFUND_TOOLS = `gateways:
  - { tier: standard, arn: "${ARN}", targets: [RefundTarget] }
tools:
  - name: process_refund
    targets: [RefundTarget]
    inputSchema:
      type: object
      properties:
        orderId: { type: string, pattern: "^[A-Z]+$" }
        amount: { type: integer, description: Whole dollars. }
        lines: { type: array, items: { type: object, properties: { sku: { type: string } } } }
      required: [orderId, amount]
`;
/** As the service's own documentation writes policies: without a name. */
const REFUND_POLICY = `permit(
  principal is AgentCore::OAuthUser,
  action == AgentCore::Action::"RefundTarget___process_refund",
  resource == AgentCore::Gateway::"${ARN}"
)
when {
  principal.hasTag("role") &&
  principal.getTag("role") == "refund-agent" &&
  context.input.amount < 200
};
`;

test('a policy of the real service goes in unchanged, named by its place, and a run still asks for a name', async () => {
  put('refunds/refund.cedar', REFUND_POLICY);
  put('refunds/tools.yaml', REFUND_TOOLS);
  const { code, stdout } = await poolproof(['policy', 'check', 'refunds', '--out', 'o'], {
    cwd: placeOf('.'),
  });
  expect(stdout).toContain('note: a `permit` without `@id` is called `refunds/refund.cedar:1`');
  expect(stdout).toContain('1 policy in 1 file is valid for 1 tool; 1 finding.');
  // It asks for a role, and for no tenant and no tier.
  expect(code).toBe(3);
  expect(() => loadPolicies([{ file: 'refund.cedar', text: REFUND_POLICY }], [])).toThrow(
    /has no name/,
  );
});

test('JSON and YAML describe tools alike', () => {
  const json = {
    gateways: [{ tier: 'standard', arn: ARN, targets: ['RefundTarget'] }],
    tools: [
      {
        name: 'process_refund',
        targets: ['RefundTarget'],
        inputSchema: {
          type: 'object',
          properties: { orderId: { type: 'string' }, amount: { type: 'integer' } },
          required: ['orderId', 'amount'],
        },
      },
    ],
  };
  const cedar = [{ file: 'refund.cedar', text: REFUND_POLICY }];
  const read = (text: string) =>
    policyFolder({ folder: 'f', cedar, tools: { file: 'tools.json', text }, iam: undefined });
  const [tool] = read(JSON.stringify(json, null, '\t')).policies.tools;
  expect(tool).toEqual({
    target: 'RefundTarget',
    name: 'process_refund',
    inputSchema: { ...json.tools[0]?.inputSchema, additionalProperties: false },
  });
  expect(Object.keys(read(REFUND_TOOLS).policies.tools[0]?.inputSchema.properties ?? {})).toEqual([
    'orderId',
    'amount',
    'lines',
  ]);
});

test('every mistake in a file of tools is told at once, with its place and what was probably meant', () => {
  const text = `gateways:
  - { tier: standard, arn: "${ARN}", targets: [One] }
  - { tier: standard, arn: other, targets: [One] }
tools:
  - name: a
    targets: [Onne]
    inputSchema: { type: object, properties: {}, required: [] }
  - name: b
    targets: [One, One]
    inputSchema: { type: object, properties: {} }
`;
  const read = () =>
    policyFolder({ folder: 'f', cedar: [], tools: { file: 'tools.yaml', text }, iam: undefined });
  expect(read).toThrow(UsageError);
  expect(read).toThrow(/tools\.yaml:3:13: gateways\[1\]\.tier: two gateways serve the tier/);
  expect(read).toThrow(/gateways\[1\]\.targets\[0\]: target `One` stands behind two gateways/);
  expect(read).toThrow(
    /tools\[0\]\.targets\[0\]: unknown target `Onne`\n {2}hint: did you mean `One`/,
  );
  expect(read).toThrow(/tools\[1\]\.targets\[1\]: two tools are called `One___b`/);
});

test('a schema that says what Cedar has no type for is refused where it says so', () => {
  const text = `gateways: [{ tier: a, arn: x, targets: [T] }]
tools:
  - name: t
    targets: [T]
    inputSchema:
      type: object
      properties:
        either: { type: [string, integer] }
        __entity: { type: string }
      required: [eiter]
      additionalProperties: true
`;
  const read = () =>
    policyFolder({ folder: 'f', cedar: [], tools: { file: 't.yaml', text }, iam: undefined });
  expect(read).toThrow(/t\.yaml:8:\d+: tools\[0\]\.inputSchema\.properties\.either\.type/);
  expect(read).toThrow(/additionalProperties: expected `false`/);
  expect(read).toThrow(/__entity/);
});

test('whose tools are unknown is told where tools are described', async () => {
  put('lost/refund.cedar', REFUND_POLICY);
  const { code, stderr } = await poolproof(['policy', 'check', 'lost', '--out', 'o'], {
    cwd: placeOf('.'),
  });
  expect(code).toBe(2);
  expect(stderr).toContain('unrecognized action');
  expect(stderr).toContain('stand in a `tools.json` beside the policies');
});
