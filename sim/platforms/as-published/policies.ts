// Which tools stand behind the sample's gateways, and what do its Cedar policies ask before a call?

import type { Deployment, TierTerms } from '../../domain/directory.ts';
import type { Rule } from '../../domain/fidelity.ts';
import type { PolicyPort } from '../../domain/ports.ts';
import {
  behindTargets,
  HEALTHCARE_TOOLS,
  type InputSchema,
  type ObjectSchema,
  type TargetTool,
  type ToolDefinition,
} from '../../domain/tool.ts';
import { loadPolicies, PolicyEngine, type PolicySet } from '../../protocol/cedar.ts';

export const PUBLISHED_POLICY_RULES: readonly Rule[] = [
  {
    service: 'gateway',
    rule: 'no policy reads tier, clinic, role or any other tag of the principal',
    source: 'sample, scripts/agentcore_policy.py (W24)',
    standing: 'documented',
  },
  {
    service: 'gateway',
    rule: 'Basic reads patients from 8 to before 18 by request_hour, an argument of the call; Premium always',
    source: 'sample, scripts/agentcore_policy.py:57 (W23)',
    standing: 'documented',
  },
  {
    service: 'gateway',
    rule: 'pairs of `has` and `!has` permit everything, and pass the analysis for being too permissive',
    source: 'sample, scripts/agentcore_policy.py:70-125 (W25)',
    standing: 'documented',
  },
  {
    service: 'gateway',
    rule: 'patient_context declares clinic_id here, which the sample’s tool reads without declaring it; last_evaluated_key is left out',
    source: 'assumed: questions to Cedar name the clinic that is asked about',
    standing: 'assumed',
  },
];

const nothingRequired = (properties: Readonly<Record<string, InputSchema>>): ObjectSchema => ({
  type: 'object',
  properties,
  required: [],
  additionalProperties: false,
});

const SCHEMAS: Readonly<Record<string, ObjectSchema>> = {
  patient_context: nothingRequired({
    clinic_id: { type: 'string' },
    patient_id: { type: 'string' },
    list_patients: { type: 'boolean' },
    limit: { type: 'integer' },
    request_hour: { type: 'integer', description: 'The present hour, 0 to 23.' },
  }),
  clinic_config: nothingRequired({ clinic_id: { type: 'string' } }),
  retrieve_clinic_documents: nothingRequired({
    query: { type: 'string' },
    max_results: { type: 'integer' },
  }),
};

/** The tools that the agent offers its model. Source: sample, agent.py. */
export const PUBLISHED_TOOLS: readonly ToolDefinition[] = HEALTHCARE_TOOLS.map((tool) => ({
  ...tool,
  inputSchema: SCHEMAS[tool.name] ?? tool.inputSchema,
}));

/** Those of them that are behind the gateways; the others run inside the agent. */
export const GATEWAY_TOOLS = PUBLISHED_TOOLS.filter(({ name }) =>
  ['patient_context', 'clinic_config'].includes(name),
);

/** The arguments that a tool declares, without all others. */
export const declaredOf = (
  { inputSchema }: ToolDefinition,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(input).filter(([name]) => Object.hasOwn(inputSchema.properties, name)),
  );

/** Cedar over the sample's own policies, which the tools of the kit's engine would not fit. */
export const publishedPolicy = ({ tiers }: Deployment): PolicyPort => {
  const targets = Object.values(tiers).map(({ tier, target }) => [tier, target] as const);
  const text = publishedPolicies(Object.values(tiers));
  const tools = behindTargets(GATEWAY_TOOLS, Object.fromEntries(targets));
  return new PolicyEngine(loadedOnce(text, tools));
};

/** A world opens for each program, mostly over the same tiers: Cedar reads their policies once. */
const loadedOnce = (text: string, tools: readonly TargetTool[]): PolicySet => {
  const key = JSON.stringify([text, tools]);
  const known = loaded.get(key);
  if (known !== undefined) return known;
  if (loaded.size >= MOST_LOADED) loaded.clear();
  const read = loadPolicies([{ file: 'agentcore_policy.py', text }], tools);
  loaded.set(key, read);
  return read;
};

const MOST_LOADED = 16;
const loaded = new Map<string, PolicySet>();

/** What a policy needs to know of a tier. */
type PolicyTerms = Pick<TierTerms, 'tier' | 'target' | 'gatewayArn'>;

/** The sample's policies for gateways of these tiers, as Cedar. */
export const publishedPolicies = (tiers: readonly PolicyTerms[]): string =>
  tiers.flatMap(policiesOf).join('\n');

const policiesOf = (terms: PolicyTerms): readonly string[] => {
  const { tier } = terms;
  const patients =
    tier === 'basic'
      ? [permit(terms, 'patient_context', 'business_hours_patient_access_basic', BUSINESS_HOURS)]
      : [
          permit(
            terms,
            'patient_context',
            `permit_patient_context_${tier}_with_patient`,
            'context.input has patient_id',
          ),
          permit(
            terms,
            'patient_context',
            `permit_patient_context_${tier}_list_mode`,
            '!(context.input has patient_id)',
          ),
        ];
  return [
    ...patients,
    permit(
      terms,
      'clinic_config',
      `permit_clinic_config_${tier}_with_id`,
      'context.input has clinic_id',
    ),
    permit(
      terms,
      'clinic_config',
      `permit_clinic_config_${tier}_default`,
      '!(context.input has clinic_id)',
    ),
  ];
};

const BUSINESS_HOURS =
  'context.input has request_hour && context.input.request_hour >= 8 && context.input.request_hour < 18';

const permit = (terms: PolicyTerms, tool: string, id: string, when: string): string =>
  `@id("${id}")
permit (
  principal is AgentCore::OAuthUser,
  action == AgentCore::Action::"${terms.target}___${tool}",
  resource == AgentCore::Gateway::"${terms.gatewayArn}"
)
when { ${when} };`;
