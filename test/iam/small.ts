// What does a small IAM policy allow, deny, or get complained of?

import { UsageError } from '../../sim/domain/usage-error.ts';
import { type AccessRequest, compilePolicy, evaluate } from '../../sim/protocol/iam.ts';

export const TABLE = 'arn:aws:dynamodb:us-east-1:111122223333:table/Patients';
export const MEMORY =
  'arn:aws:bedrock-agentcore:us-east-1:111122223333:memory/healthcare-0123456789';

export type Fields = Readonly<Record<string, unknown>>;
export type Context = AccessRequest['context'];

export const allow = { Sid: 'Open', Effect: 'Allow', Action: '*', Resource: '*' };

export const policy = (statements: readonly Fields[], version = '2012-10-17') =>
  compilePolicy({ Version: version, Statement: statements }, 'p.json');

export const read = (context: Context, more: Partial<AccessRequest> = {}): AccessRequest => ({
  action: 'dynamodb:GetItem',
  resource: TABLE,
  context,
  ...more,
});

/** Whether an Allow under this condition allows a request of this context. */
export const meets = (condition: Fields, context: Context, version?: string): boolean =>
  evaluate([policy([{ ...allow, Condition: condition }], version)], read(context)).decision ===
  'allow';

/** Whether a Deny under this condition, beside an Allow of everything, denies. */
export const denies = (condition: Fields, context: Context): boolean => {
  const deny = { Sid: 'Shut', Effect: 'Deny', Action: '*', Resource: '*', Condition: condition };
  return evaluate([policy([allow, deny])], read(context)).decision === 'deny';
};

export const reaches = (resource: unknown, asked: string, context: Context = {}): boolean =>
  evaluate([policy([{ ...allow, Resource: resource }])], read(context, { resource: asked }))
    .decision === 'allow';

export const complaintsOf = (document: unknown): readonly string[] => {
  try {
    compilePolicy(document, 'p.json');
  } catch (error) {
    if (error instanceof UsageError) return error.complaints.map((c) => `${c.path}: ${c.message}`);
    throw error;
  }
  return [];
};

export const complaintsOfStatement = (fields: Fields): readonly string[] =>
  complaintsOf({ Version: '2012-10-17', Statement: [{ ...allow, ...fields }] });
