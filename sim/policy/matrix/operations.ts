// Which operations on a tenant's data are there, who makes them, and how is each of them keyed?

import { knowledgeArn, MEMORY_ARN, TABLE_ARN } from '../../domain/arn.ts';
import { actorOf } from '../../domain/caller.ts';
import type { AccessRequest } from '../../protocol/iam.ts';

/** Whose data an operation is about. */
export interface Owner {
  readonly tenant: string;
  readonly user: string;
  readonly role: string;
}

export interface DataOperation {
  /** The tool that makes it; `undefined` where the agent does, without a tool. */
  readonly tool: string | undefined;
  readonly name: string;
  /** What IAM is asked when it is about this owner's data. */
  readonly request: (owner: Owner) => Omit<AccessRequest, 'context'> & {
    readonly context: Readonly<Record<string, string | readonly string[]>>;
  };
}

const table = (tool: string, action: string, prefix: string, what: string): DataOperation => ({
  tool,
  name: `dynamodb:${action} ${what}`,
  request: ({ tenant }) => ({
    action: `dynamodb:${action}`,
    resource: TABLE_ARN,
    context: { 'dynamodb:LeadingKeys': [`${prefix}#${tenant}`] },
  }),
});

const memory = (
  action: string,
  context: (actor: string) => Readonly<Record<string, string>>,
  by = '',
): DataOperation => ({
  tool: undefined,
  name: `bedrock-agentcore:${action}${by}`,
  request: ({ tenant, user, role }) => ({
    action: `bedrock-agentcore:${action}`,
    resource: MEMORY_ARN,
    context: context(actorOf(tenant, user, role) ?? ''),
  }),
});

const actorKeys = (actor: string) => ({
  'bedrock-agentcore:actorId': actor,
  'bedrock-agentcore:sessionId': 'session-1',
});

const byActor = ['CreateEvent', 'GetEvent', 'ListEvents', 'DeleteEvent'];
const byNamespace = ['RetrieveMemoryRecords', 'ListMemoryRecords'];
/** Source: IAM service reference, in which these have no condition key. */
const byNothing = ['GetMemoryRecord', 'DeleteMemoryRecord', 'ListActors'];

/**
 * The healthcare platform's: what its services ask IAM for, key by key, and what the real ones offer
 * beside it. A scan of the table and a record by its id name no owner, so that nothing can scope them.
 */
export const HEALTHCARE_OPERATIONS: readonly DataOperation[] = [
  table('patient_context', 'GetItem', 'P', 'of a patient'),
  table('patient_context', 'Query', 'P', 'of patients'),
  table('clinic_config', 'GetItem', 'T', 'of the configuration'),
  {
    tool: 'retrieve_clinic_documents',
    name: 'bedrock:Retrieve',
    request: ({ tenant }) => ({
      action: 'bedrock:Retrieve',
      resource: knowledgeArn(tenant),
      context: {},
    }),
  },
  {
    tool: undefined,
    name: 'dynamodb:Scan',
    request: () => ({ action: 'dynamodb:Scan', resource: TABLE_ARN, context: {} }),
  },
  ...byActor.map((action) => memory(action, actorKeys)),
  memory('ListSessions', (actor) => ({ 'bedrock-agentcore:actorId': actor })),
  ...['namespace', 'namespacePath'].flatMap((key) =>
    byNamespace.map((action) =>
      memory(
        action,
        (actor) => ({ [`bedrock-agentcore:${key}`]: `/${actor}/facts/` }),
        ` by ${key}`,
      ),
    ),
  ),
  ...byNothing.map((action) => memory(action, () => ({}))),
];
