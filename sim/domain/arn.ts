// What are the shared resources called: the ARNs of the simulated account.

/** AWS's own example account number. */
const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

export const MEMORY_ID = 'healthcare-0123456789';
export const KNOWLEDGE_BASE_ID = 'KBHEALTH01';
export const TABLE_NAME = 'ClinicData';

export const MEMORY_ARN = arn('bedrock-agentcore', `memory/${MEMORY_ID}`);
export const TABLE_ARN = arn('dynamodb', `table/${TABLE_NAME}`);
export const DATA_ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/TenantData`;

/** The part of the knowledge base that belongs to one tenant. */
export const knowledgeArn = (tenant: string): string =>
  arn('bedrock', `knowledge-base/${KNOWLEDGE_BASE_ID}/${tenant}`);

export const runtimeArn = (tier: string): string =>
  arn('bedrock-agentcore', `runtime/healthcare_${tier}`);
export const gatewayArn = (tier: string): string =>
  arn('bedrock-agentcore', `gateway/healthcare-${tier}-gw`);

/** A model that AWS offers: it belongs to no account. */
export const modelArn = (modelId: string): string =>
  `arn:aws:bedrock:${REGION}::foundation-model/${modelId}`;
