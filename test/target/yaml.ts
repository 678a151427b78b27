// How do tests write the target file of their gateway, and hold its secrets?

import { passwordOf } from './gateway.ts';

export const ENVIRONMENT = {
  ALICE_PASSWORD: passwordOf('alice@clinic-a'),
  BOB_PASSWORD: passwordOf('bob@clinic-b'),
};

/** Two tenants with one user each; `more` are whole lines at the top level. */
export const targetYaml = (
  url: string,
  { answer = ANSWER, more = CANARY, timeout = '2s', limit = LIMIT } = {},
): string => `version: 1
name: small
url: ${url}
signIn:
${SIGN_IN}
tenants:
  - id: clinic-a
    tier: basic
    users: [{ name: alice, login: alice@clinic-a, secret: ALICE_PASSWORD }]
  - id: clinic-b
    tier: basic
    users: [{ name: bob, login: bob@clinic-b, secret: BOB_PASSWORD }]
ask:
  path: /ask
  headers: { authorization: "Bearer {{token}}" }
  body: { prompt: "{{prompt}}", session: "{{session}}" }
  timeout: ${timeout}
answer: ${answer}
limits:
  basic: { rate: ${limit} }
${more}`;

const ANSWER =
  '{ text: /output/0/text, usage: { inputTokens: /usage/in, outputTokens: /usage/out } }';

export const EVENTS =
  '{ sse: data, text: /delta, usage: { inputTokens: /usage/in, outputTokens: /usage/out } }';

const LIMIT = '{ requestsPerSecond: 5, burst: 5 }';

const SIGN_IN = `  kind: json
  path: /login
  body: { username: "{{user}}", password: "{{secret}}" }
  token: /session/bearer
  life: 10m`;

const CANARY = `canary:
  plant:
    method: PUT
    path: /documents/{{id}}
    headers: { authorization: "Bearer {{token}}" }
    body: { text: "{{canary}}" }
  clean:
    path: /documents/{{id}}
    headers: { authorization: "Bearer {{token}}" }
`;
