// Which rights to data does each role of the sample hold: one that is scoped by tags, and two that are not.

import { MEMORY_ARN, TABLE_ARN } from '../../domain/arn.ts';
import type { Rule } from '../../domain/fidelity.ts';
import type {
  AccessDecision,
  AccessPort,
  AccessQuestion,
  IssuedSession,
} from '../../domain/ports.ts';
import { compilePolicy, evaluate, type PolicyDocument } from '../../protocol/iam.ts';
import type { Credentials } from '../../protocol/vending.ts';

export const ROLE_RULES: readonly Rule[] = [
  {
    service: 'table',
    rule: 'the tool Lambda reads the whole table on its own role; no session tag and no leading key stands in between',
    source: 'sample, infrastructure.yaml:380-425 (W14)',
    standing: 'documented',
  },
  {
    service: 'memory',
    rule: "the runtime's own role may do everything on every memory, and retrieve from every knowledge base",
    source: 'sample, infrastructure.yaml:37, BedrockAgentCoreFullAccess (W38)',
    standing: 'documented',
  },
  {
    service: 'memory',
    rule: 'vended credentials open events and records whose actor is Tier-ClinicId-UserId by their tags, and nothing else: no session list, no table, no documents',
    source: 'sample, infrastructure.yaml:228-279',
    standing: 'documented',
  },
  {
    service: 'memory',
    rule: 'tier, clinic and user are joined by `-`, which each of them may contain',
    source: 'sample, main.py:172 and infrastructure.yaml:228-279 (W32)',
    standing: 'documented',
  },
  {
    service: 'memory',
    rule: 'one namespace /{actorId}/facts/ stands for the sample’s clinic/{actorId}/facts/{sessionId} and preferences',
    source: 'assumed: the memory service here has one strategy',
    standing: 'assumed',
  },
];

const tag = (name: string): string => `\${aws:PrincipalTag/${name}}`;
const JOINED = `${tag('Tier')}-${tag('ClinicId')}-${tag('UserId')}`;

/** The policy of the role that is vended by tags; these three also stand in `policies/as-published/iam`. */
export const MEMORY_TVM_ROLE: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'EventsOfTheJoinedActor',
      Effect: 'Allow',
      Action: ['CreateEvent', 'GetEvent', 'ListEvents', 'DeleteEvent'].map(
        (action) => `bedrock-agentcore:${action}`,
      ),
      Resource: MEMORY_ARN,
      Condition: { StringLike: { 'bedrock-agentcore:actorId': JOINED } },
    },
    {
      Sid: 'RecordsOfTheJoinedActor',
      Effect: 'Allow',
      Action: ['RetrieveMemoryRecords', 'ListMemoryRecords', 'GetMemoryRecord'].map(
        (action) => `bedrock-agentcore:${action}`,
      ),
      Resource: MEMORY_ARN,
      Condition: { StringLike: { 'bedrock-agentcore:namespace': `/${JOINED}/*` } },
    },
  ],
};

export const RUNTIME_ROLE: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    { Sid: 'FullAccess', Effect: 'Allow', Action: 'bedrock-agentcore:*', Resource: '*' },
    {
      Sid: 'EveryKnowledgeBase',
      Effect: 'Allow',
      Action: 'bedrock:Retrieve',
      Resource: 'arn:aws:bedrock:*:*:knowledge-base/*',
    },
  ],
};

export const LAMBDA_ROLE: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'WholeTable',
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'],
      Resource: TABLE_ARN,
    },
  ],
};

/** The policies that the token vending machine's role carries. */
export const vendedPolicies = () => [compilePolicy(MEMORY_TVM_ROLE, 'MemoryTvmRole')];

/** The credentials of a workload's own role: the platform renews them, so that they never end. */
const ownCredentials = (role: string): Credentials => ({
  accessKeyId: 'ASIAWORKLOADROLE',
  secretAccessKey: role,
  sessionToken: `workload ${role}`,
  expiresUs: Number.POSITIVE_INFINITY,
});

export const RUNTIME_CREDENTIALS = ownCredentials('RuntimeAgentCoreRole');
export const LAMBDA_CREDENTIALS = ownCredentials('ToolLambdaRole');

/** IAM for the workloads' own roles, and for what STS issued. */
export class Roles implements AccessPort {
  readonly #issued: AccessPort;
  readonly #workloads = new Map([
    [RUNTIME_CREDENTIALS.sessionToken, [compilePolicy(RUNTIME_ROLE, 'RuntimeAgentCoreRole')]],
    [LAMBDA_CREDENTIALS.sessionToken, [compilePolicy(LAMBDA_ROLE, 'ToolLambdaRole')]],
  ]);

  constructor(issued: AccessPort) {
    this.#issued = issued;
  }

  authorize(question: AccessQuestion): AccessDecision {
    const policies = this.#workloads.get(question.sessionToken);
    if (policies === undefined) return this.#issued.authorize(question);
    const outcome = evaluate(policies, question);
    return outcome.decision === 'allow'
      ? { kind: 'allowed', statement: outcome.statement }
      : { kind: 'denied', by: outcome.by };
  }

  sessionOf(accessKeyId: string, sessionToken: string): IssuedSession | undefined {
    return this.#issued.sessionOf?.(accessKeyId, sessionToken);
  }
}
