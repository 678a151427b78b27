// How is an agent session named on the wire.

/** The client's session id, 33 to 256 characters. Source: botocore 1.43.107, InvokeAgentRuntime. */
export const SESSION_HEADER = 'x-amzn-bedrock-agentcore-runtime-session-id';
