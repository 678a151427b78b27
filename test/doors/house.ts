// What do real clients stand in front of in tests: a whole reference platform under all checks, with its doors.

import { join } from 'node:path';
import {
  GPT_OSS_120B,
  helpful,
  type MeterReading,
  MINISTRAL_8B,
  type ModelProfile,
  modelEndpoint,
} from '../../mocks/index.ts';
import { webSearch } from '../../mocks/web.ts';
import { Checks } from '../../sim/checks.ts';
import { PACKAGE_ROOT, readCedar, readIam } from '../../sim/cli/files.ts';
import { Recent, type Verdict } from '../../sim/domain/finding.ts';
import type { HistoryEvent } from '../../sim/domain/history.ts';
import { Ledger } from '../../sim/domain/ledger.ts';
import type { Hop, Peer, Platform, Service, ServiceName } from '../../sim/domain/ports.ts';
import { shelves } from '../../sim/domain/shelf.ts';
import { HEALTHCARE_TOOLS } from '../../sim/domain/tool.ts';
import { type Call, header, isRecord, parsed, type Reply } from '../../sim/domain/wire.ts';
import { type Client, clientOf, Sender } from '../../sim/engines/clients.ts';
import { ServiceFaults } from '../../sim/engines/faults.ts';
import { History } from '../../sim/engines/history.ts';
import type { Outside } from '../../sim/engines/outside.ts';
import { moveIn } from '../../sim/engines/population.ts';
import { operatorHop } from '../../sim/engines/recorder.ts';
import { deploymentOf } from '../../sim/engines/simulate.ts';
import { targetTools } from '../../sim/engines/target-tools.ts';
import { Counter, straight, type World } from '../../sim/engines/world.ts';
import type { Clock } from '../../sim/kernel/clock.ts';
import { reference } from '../../sim/platforms/reference.ts';
import { BearerVerifier } from '../../sim/protocol/bearer.ts';
import { loadPolicies, PolicyEngine } from '../../sim/protocol/cedar.ts';
import { McpEndpoint } from '../../sim/protocol/mcp-http.ts';
import { Tracing } from '../../sim/protocol/tracing.ts';
import { loadScenario } from '../../sim/scenario.ts';
import { modelDoor } from '../../sim/services/model-door.ts';

const FOLDER = join(PACKAGE_ROOT, 'policies');
const USERS = '[{ id: dr.lee, role: physician }, { id: admin.park, role: admin }]';
const ZONE = 'zone: America/New_York, patients: 2';

/** Two clinics and a hospital; 15:00 UTC is 10:00 for all of them. */
const SCENARIO = `version: 1
name: doors
title: Two clinics and a hospital whose users bring clients of their own.
start: 2026-03-02T15:00:00Z
duration: 1h
hosting: microvm
behaviour: helpful
tiers:
  basic: { model: mistral.ministral-3-8b-instruct, wire: chat, rate: { requestsPerSecond: 20, burst: 50 } }
  premium: { model: openai.gpt-oss-120b, wire: converse, rate: { requestsPerSecond: 20, burst: 50 } }
tenants:
  - { id: clinic-a, tier: basic, ${ZONE}, users: ${USERS} }
  - { id: clinic-b, tier: basic, ${ZONE}, users: ${USERS} }
  - { id: hospital-a, tier: premium, ${ZONE}, users: ${USERS} }
entitlements:
  - { tool: patient_context, tiers: [basic, premium], roles: [physician], object: own }
  - { tool: clinic_config, tiers: [basic, premium], roles: [physician, admin], object: own }
  - { tool: web_search, tiers: [premium], roles: [physician], object: none }
  - { tool: current_time, tiers: [basic, premium], roles: [physician, admin], object: none }
traffic:
  - name: unplayed
    arrivals: { kind: poisson, requestsPerHour: 1 }
    mix: { talk: 1 }
    turns: 1
    pause: 60s
    promptCharacters: 40
`;

export const START_US = Date.UTC(2026, 2, 2, 15) * 1000;

/** Credentials as the token vending machine gives them. */
export interface Vended {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresUs: number;
}

export class House {
  readonly #platform: Platform;
  readonly #plain: Sender;
  readonly #doored: Sender;
  readonly #clients = new Map<string, Client>();
  readonly #checks: Checks;
  readonly events: HistoryEvent[] = [];
  readonly clock: Clock;

  /** Moves everyone in. What `clock` says is the time of all services; `host` changes the models. */
  static async open(clock: Clock, host: Partial<ModelProfile> = {}): Promise<House> {
    const house = new House(clock, host);
    await house.#moveIn();
    return house;
  }

  private constructor(clock: Clock, host: Partial<ModelProfile>) {
    this.clock = clock;
    const scenario = loadScenario(SCENARIO, 'doors.yaml');
    const deployment = deploymentOf(scenario);
    const ledger = new Ledger();
    const beyond = hostOf(clock, host);
    this.#platform = reference({
      deployment,
      policy: new PolicyEngine(loadPolicies(readCedar(FOLDER), targetTools(scenario))),
      keys: { current: () => 'identity 1', rotate: () => {} },
      iamDocuments: readIam(FOLDER),
      tools: HEALTHCARE_TOOLS,
      outside: beyond,
      spanProcessors: [],
    });
    this.#checks = new Checks({
      ledger,
      entitlements: scenario.entitlements,
      modelOf: (tier) => deployment.tiers[tier]?.modelId,
      recent: new Recent(),
    });
    const world: World = {
      clock,
      platform: this.#platform,
      shelves: shelves(),
      faults: new ServiceFaults([]),
      hops: new Counter(),
      history: new History(
        () => clock.nowUs(),
        [
          { see: (event) => keepCredentials(ledger, event) },
          this.#checks,
          { see: (event) => void this.events.push(event) },
        ],
      ),
      outside: beyond,
      wire: straight,
    };
    const from = { seed: 1, numbers: new Counter(), clientId: deployment.clientId };
    this.#plain = new Sender(world, ledger, from);
    const services = { ...this.#platform.services, ...doors(this.#platform, deployment) };
    const platform = { ...this.#platform, services };
    this.#doored = new Sender({ ...world, platform }, ledger, from);
    this.#deployment = deployment;
    this.#plans = scenario.tenants;
  }

  readonly #deployment;
  readonly #plans;

  get deployment() {
    return this.#deployment;
  }

  async #moveIn(): Promise<void> {
    const { world, ledger } = this.#plain;
    for (const plan of this.#plans) {
      const { household, orders } = moveIn(plan, 1, ledger, this.clock.nowUs());
      for (const { operation, writes } of orders) {
        const purpose = { kind: 'operate', origin: operation.kind } as const;
        const journey = this.#plain.journey(undefined, purpose, writes);
        await world.platform.operate(operation, operatorHop(world, journey));
      }
      for (const user of household.users) this.#clients.set(user.membership, clientOf(user));
    }
  }

  /** A client by its tenant and user, e.g. `clinic-a/dr.lee`. */
  client(name: string): Client {
    const client = this.#clients.get(name.replace('/', ':1/'));
    if (client === undefined) throw new Error(`nobody is called ${name}`);
    return client;
  }

  /** An ID token that lives an hour. */
  async bearerOf(name: string): Promise<string> {
    const bearer = await this.#plain.bearerFor(this.client(name));
    if (bearer === undefined) throw new Error(`${name} may not sign in`);
    return bearer.text;
  }

  async credentialsOf(name: string): Promise<Vended> {
    const reply = await this.send(name, 'credentials', {
      method: 'POST',
      path: '/credentials',
      headers: [['authorization', `Bearer ${await this.bearerOf(name)}`]],
      body: '{}',
    });
    const body = parsed(reply.body) ?? {};
    return {
      accessKeyId: String(body['AccessKeyId']),
      secretAccessKey: String(body['SecretAccessKey']),
      sessionToken: String(body['SessionToken']),
      expiresUs: Number(body['ExpirationUs']),
    };
  }

  /** Whose call it is, by what it presents; `undefined` for what nobody was given. */
  callerOf({ headers }: Call): string | undefined {
    const { ledger } = this.#plain;
    const bearer = header(headers, 'authorization')?.replace(/^Bearer /, '') ?? '';
    const vended = header(headers, 'x-amz-security-token') ?? '';
    const owner = ledger.bearer(bearer)?.owner ?? ledger.credentials(vended)?.owner;
    return owner?.membership.replace(':1/', '/');
  }

  /** Sends a call to the doors from where the agent stands, or from elsewhere. */
  send(
    name: string | undefined,
    to: ServiceName,
    call: Call,
    peer: Peer = 'runtime',
  ): Promise<Reply> {
    const client = name === undefined ? undefined : this.client(name);
    const bearer = client?.bearer;
    const journey = this.#doored.journey(client, { kind: 'probe', origin: 'door', bearer });
    return this.#doored.send(journey, peer, to, call);
  }

  /** Asks the platform by its front door, as its users do. */
  async ask(name: string, prompt: string): Promise<Reply> {
    const client = this.client(name);
    const bearer = await this.#plain.bearerFor(client);
    const arn = this.#deployment.tiers[client.principal.tenant.tier]?.runtimeArn ?? '';
    const journey = this.#plain.journey(client, { kind: 'ask', origin: 'door', bearer });
    return this.#plain.send(journey, 'internet', 'front-door', {
      method: 'POST',
      path: `/runtimes/${encodeURIComponent(arn)}/invocations`,
      headers: [
        ['authorization', client.authorization],
        ['x-amzn-bedrock-agentcore-runtime-session-id', 'a'.repeat(40)],
      ],
      body: JSON.stringify({ prompt }),
    });
  }

  /** What the checks found, as `promise title`. Ends them. */
  findings(): readonly string[] {
    return this.#checks
      .conclude()
      .flatMap(({ findings }: Verdict) =>
        findings.map(({ violation }) => `${violation.promise} ${violation.title}`),
      );
  }
}

/** The models of `outside`, with other figures. */
const hostOf = (clock: Clock, changes: Partial<ModelProfile>): Outside => {
  const readings = new Map<Call, MeterReading>();
  const endpoint = modelEndpoint({
    clock,
    profiles: [MINISTRAL_8B, GPT_OSS_120B].map((profile) => ({ ...profile, ...changes })),
    behaviourOf: () => helpful,
    shares: { quotaFraction: 0.5 },
    meter: (reading, call) => readings.set(call, reading),
  });
  return {
    model: (call, hop) => endpoint.handle(call, hop.chance('model')),
    web: webSearch,
    take(call) {
      const reading = readings.get(call);
      readings.delete(call);
      return reading;
    },
  };
};

/** The services as callers inside find them: doors before the model host and the gateway. */
const doors = (
  { services, access }: Platform,
  deployment: ReturnType<typeof deploymentOf>,
): Readonly<Partial<Record<ServiceName, Service>>> => {
  const bearers = new BearerVerifier(deployment);
  const endpoint = new McpEndpoint({ name: 'healthcare', version: '1' });
  const door = new Tracing().traced('model', modelDoor(deployment, access));
  return {
    // The door's own calls go on to the host.
    model: (call, hop) => (hop.peer === 'model' ? services.model : door)(call, hop),
    gateway: (call: Call, hop: Hop) =>
      endpoint.handle(call, {
        nowUs: hop.nowUs(),
        verify: (asked) => bearers.verify(asked, hop),
        gateway: (asked) => services.gateway(asked, hop),
        chance: hop.chance('mcp session'),
      }),
  };
};

/** Enters credentials into the ledger as they leave the token vending machine. */
const keepCredentials = (ledger: Ledger, event: HistoryEvent): void => {
  if (event.kind !== 'exchange' || event.to !== 'credentials') return;
  const body = parsed(event.reply.body);
  if (event.reply.status !== 200 || !isRecord(body)) return;
  ledger.recordCredentials(String(body['SessionToken']), {
    owner: event.request?.principal,
    issuedUs: event.atUs,
    dueUs: Number(body['ExpirationUs']),
  });
};
