// Which variables point real clients at a server, with a ready token for each example user?

import { isRecord, parsed } from '../../domain/wire.ts';
import type { Client } from '../../engines/clients.ts';
import { passwordOf } from '../../engines/population.ts';
import { type PlatformServer, TRACES_PATH } from '../../server.ts';

export type Variables = readonly (readonly [name: string, value: string])[];

/** Users that get a variable at most, the first of the population; the bound is said in the text. */
export const USERS_MAX = 40;

/** Signs the first users in, and vends credentials to the very first. */
export const environmentOf = async (server: PlatformServer): Promise<Variables> => {
  const { live, outsideUrl, insideUrl } = server;
  const clients = live.clients.slice(0, USERS_MAX);
  const bearers: { readonly client: Client; readonly text: string }[] = [];
  for (const client of clients) {
    const text = await signedIn(server, client);
    if (text !== undefined) bearers.push({ client, text });
  }
  const first = bearers[0]?.text ?? '';
  return [
    ['POOLPROOF_URL', outsideUrl],
    ['POOLPROOF_INSIDE_URL', insideUrl],
    ['POOLPROOF_JWKS_URL', `${outsideUrl}/.well-known/jwks.json`],
    ['POOLPROOF_CLIENT_ID', live.standing.deployment.clientId],
    ['POOLPROOF_MCP_URL', `${insideUrl}/mcp`],
    ['OPENAI_BASE_URL', `${insideUrl}/v1`],
    ['OPENAI_API_KEY', first],
    ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME', insideUrl],
    ['AWS_REGION', 'us-east-1'],
    ...(await vended(server, first)),
    // SDKs append the path to the first, and take the second as it is.
    ['OTEL_EXPORTER_OTLP_ENDPOINT', insideUrl],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${insideUrl}${TRACES_PATH}`],
    // Some begin with gRPC, which is not spoken here.
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf'],
    ...named(bearers),
  ];
};

/** Lines that a shell reads; values hold no quote. `users` is how many there are in all. */
export const variablesText = (variables: Variables, users: number): string =>
  [
    `# ready tokens, good for an hour, of ${Math.min(users, USERS_MAX)} of ${users} users; credentials of the first, good for 15 minutes`,
    ...variables.map(([name, value]) => `export ${name}='${value}'`),
    '',
  ].join('\n');

/** Users whose names differ only in what a shell does not take are numbered. */
const named = (
  bearers: readonly { readonly client: Client; readonly text: string }[],
): Variables => {
  const times = new Map<string, number>();
  return bearers.map(({ client, text }) => {
    const name = variableOf(client);
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return [time === 1 ? name : `${name}_${time}`, text];
  });
};

const signedIn = async ({ live }: PlatformServer, { principal }: Client) => {
  const reply = await live.receive('internet', 'identity', {
    method: 'POST',
    path: '/',
    headers: [['x-amz-target', 'AWSCognitoIdentityProviderService.InitiateAuth']],
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: principal.username, PASSWORD: passwordOf(principal) },
      ClientId: live.standing.deployment.clientId,
    }),
  });
  const result = parsed(reply.body)?.['AuthenticationResult'];
  const text = isRecord(result) ? result['IdToken'] : undefined;
  return typeof text === 'string' ? text : undefined;
};

const vended = async ({ live }: PlatformServer, bearer: string): Promise<Variables> => {
  const reply = await live.receive('runtime', 'credentials', {
    method: 'POST',
    path: '/credentials',
    headers: [['authorization', `Bearer ${bearer}`]],
    body: '{}',
  });
  const { AccessKeyId, SecretAccessKey, SessionToken } = parsed(reply.body) ?? {};
  if (reply.status !== 200) return [];
  return [
    ['AWS_ACCESS_KEY_ID', String(AccessKeyId)],
    ['AWS_SECRET_ACCESS_KEY', String(SecretAccessKey)],
    ['AWS_SESSION_TOKEN', String(SessionToken)],
  ];
};

/** `POOLPROOF_TOKEN_CLINIC_A_DR_SMITH`. */
const variableOf = ({ principal }: Client): string =>
  `POOLPROOF_TOKEN_${principal.tenant.id}_${principal.user}`
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '_');
