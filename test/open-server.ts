// Opens a platform's server for a test, in hurried time, and speaks to it as clients do.

import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PACKAGE_ROOT } from '../sim/cli/files.ts';
import { readInputs } from '../sim/cli/inputs.ts';
import type { PlatformOption } from '../sim/cli/platform-module.ts';
import type { HistoryEvent } from '../sim/domain/history.ts';
import type { Client } from '../sim/engines/clients.ts';
import { passwordOf } from '../sim/engines/population.ts';
import type { Folded } from '../sim/engines/run.ts';
import { wallMs } from '../sim/kernel/wall-clock.ts';
import type { Fault } from '../sim/scenario/schema.ts';
import { PlatformServer, type ServerSurroundings } from '../sim/server.ts';
import { FastClock } from './fast-clock.ts';
import { placeOf } from './room.ts';

/** An open server, everything that it writes down, and its end. */
export interface Opened {
  readonly server: PlatformServer;
  readonly events: readonly HistoryEvent[];
  readonly conclude: () => Promise<Folded>;
}

export interface Opening extends Partial<ServerSurroundings> {
  readonly platform?: PlatformOption;
  /** Hurried time goes so many times as fast as real time. */
  readonly speed?: number;
  /** Service faults that are in force from the beginning. */
  readonly faults?: readonly Pick<Fault, 'service' | 'kind'>[];
}

const SCENARIO = join(PACKAGE_ROOT, 'scenarios', 'steady-state.yaml');

/** The reference platform of a steady day at its beginning; ends with the test. */
export const openServer = async (opening: Opening = {}): Promise<Opened> => {
  const { platform = 'reference', speed = 5, faults = [], ...around } = opening;
  const { inputs } = await readInputs(SCENARIO, { platform, out: placeOf('served') });
  const { scenario } = inputs;
  const clock = new FastClock(scenario.startUs, speed);
  const events: HistoryEvent[] = [];
  const always = { fromUs: scenario.startUs, toUs: scenario.endUs };
  const server = await PlatformServer.open(
    {
      ...inputs,
      scenario: { ...scenario, faults: faults.map((fault) => ({ ...fault, ...always }) as Fault) },
    },
    {
      ...{
        host: '127.0.0.1',
        outsidePort: 0,
        insidePort: 0,
        secret: 'of this test',
        wallMs,
        clock,
      },
      observers: [{ see: (event) => events.push(event) }],
      ...around,
    },
  );
  let folded: Promise<Folded> | undefined;
  const conclude = (): Promise<Folded> => {
    folded ??= server.close(40_000_000);
    return folded;
  };
  onTestFinished(async () => {
    await conclude();
    clock.close();
  });
  return { server, events, conclude };
};

/** The user of that name at their client. */
export const clientNamed = ({ server }: Opened, user: string): Client => {
  const client = server.live.clients.find(({ principal }) => principal.user === user);
  if (client === undefined) throw new Error(`no user ${user}`);
  return client;
};

/** A user's ID token, from the identity service. */
export const signIn = async (opened: Opened, user: string): Promise<string> => {
  const { server } = opened;
  const { principal } = clientNamed(opened, user);
  const reply = await fetch(server.outsideUrl, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: principal.username, PASSWORD: passwordOf(principal) },
      ClientId: server.live.standing.deployment.clientId,
    }),
  });
  const body = (await reply.json()) as { AuthenticationResult?: { IdToken?: string } };
  const text = body.AuthenticationResult?.IdToken;
  if (text === undefined) throw new Error(`${user} is not signed in: ${JSON.stringify(body)}`);
  return text;
};

/** What an ask at the front door needs: place, headers and body. */
export const invocation = (
  opened: Opened,
  user: string,
  bearer: string,
  prompt: string,
): { readonly url: string; readonly init: RequestInit & { headers: Record<string, string> } } => {
  const { tier } = clientNamed(opened, user).principal.tenant;
  const arn = opened.server.live.standing.deployment.tiers[tier]?.runtimeArn ?? '';
  return {
    url: `${opened.server.outsideUrl}/runtimes/${encodeURIComponent(arn)}/invocations`,
    init: {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        'x-amzn-bedrock-agentcore-runtime-session-id': `session-${'0123456789'.repeat(4)}`,
      },
      body: JSON.stringify({ prompt, max_tokens: 60 }),
    },
  };
};

interface Judged {
  readonly findings: readonly { readonly violation: { readonly title: string } }[];
}

/** What checks and the limiter's judge found. */
export const findingsOf = ({
  verdicts,
  measured,
}: {
  verdicts: readonly Judged[];
  measured: { limits: Judged };
}) =>
  [...verdicts, measured.limits].flatMap(({ findings }) =>
    findings.map(({ violation }) => violation.title),
  );
