// What do callers inside stand in front of in simulated time: a whole platform under all checks, with its doors.

import { Checks } from '../../sim/checks.ts';
import { Recent } from '../../sim/domain/finding.ts';
import type { HistoryEvent } from '../../sim/domain/history.ts';
import type { Peer, ServiceName } from '../../sim/domain/ports.ts';
import { type Call, parsed, type Reply } from '../../sim/domain/wire.ts';
import { openAll } from '../../sim/engines/changes.ts';
import { type Client, Sender } from '../../sim/engines/clients.ts';
import { tenantPlans } from '../../sim/engines/population.ts';
import { type Standing, standUp } from '../../sim/engines/stand-up.ts';
import { targetTools } from '../../sim/engines/target-tools.ts';
import { Counter, straight } from '../../sim/engines/world.ts';
import type { Clock } from '../../sim/kernel/clock.ts';
import { loadPolicies, PolicyEngine } from '../../sim/protocol/cedar.ts';
import { insideServices } from '../../sim/server/inside-services.ts';
import { houseInputs } from './inputs.ts';

/** Credentials as the token vending machine gives them. */
export interface Vended {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export class House {
  readonly clock: Clock;
  readonly events: HistoryEvent[] = [];
  readonly #standing: Standing;
  readonly #checks: Checks;
  readonly #doored: Sender;

  /** Moves everyone in. What `clock` says is the time of all services. */
  static async open(clock: Clock): Promise<House> {
    const inputs = houseInputs();
    const { scenario, cedarFiles } = inputs;
    const policy = new PolicyEngine(loadPolicies(cedarFiles, targetTools(scenario)));
    const opening: { checks?: Checks } = {};
    const events: HistoryEvent[] = [];
    const standing = standUp(
      {
        ...inputs,
        policies: () => policy,
        spanProcessors: [],
        observers: (ledger, deployment) => {
          opening.checks = new Checks({
            ledger,
            entitlements: scenario.entitlements,
            modelOf: (tier) => deployment.tiers[tier]?.modelId,
            recent: new Recent(),
          });
          return [opening.checks, { see: (event) => void events.push(event) }];
        },
      },
      clock,
      straight,
    );
    await openAll(standing.stage, tenantPlans(scenario), scenario.startUs);
    if (opening.checks === undefined) throw new Error('nobody checks');
    return new House(clock, standing, opening.checks, events);
  }

  private constructor(clock: Clock, standing: Standing, checks: Checks, events: HistoryEvent[]) {
    this.clock = clock;
    this.events = events;
    this.#standing = standing;
    this.#checks = checks;
    const { world, ledger, deployment } = standing;
    const services = { ...world.platform.services, ...insideServices(standing) };
    this.#doored = new Sender({ ...world, platform: { ...world.platform, services } }, ledger, {
      seed: 1,
      numbers: new Counter(),
      clientId: deployment.clientId,
    });
  }

  /** A client by its tenant and user, e.g. `clinic-a/dr.lee`. */
  client(name: string): Client {
    const [tenant = '', user] = name.split('/');
    const home = this.#standing.stage.homes.get(tenant);
    const client = home?.clients.find(({ principal }) => principal.user === user);
    if (client === undefined) throw new Error(`nobody is called ${name}`);
    return client;
  }

  /** An ID token that lives an hour. */
  async bearerOf(name: string): Promise<string> {
    const bearer = await this.#standing.stage.sender.bearerFor(this.client(name));
    if (bearer === undefined) throw new Error(`${name} may not sign in`);
    return bearer.text;
  }

  async credentialsOf(name: string): Promise<Vended> {
    const headers = [['authorization', `Bearer ${await this.bearerOf(name)}`]] as const;
    const call = { method: 'POST', path: '/credentials', headers, body: '{}' };
    const body = parsed((await this.send(name, 'credentials', call)).body) ?? {};
    return {
      accessKeyId: String(body['AccessKeyId']),
      secretAccessKey: String(body['SecretAccessKey']),
      sessionToken: String(body['SessionToken']),
    };
  }

  /** Sends a user's call to the doors from where the agent stands, or from elsewhere. */
  send(name: string, to: ServiceName, call: Call, peer: Peer = 'runtime'): Promise<Reply> {
    const client = this.client(name);
    const purpose = { kind: 'probe', origin: 'door', bearer: client.bearer } as const;
    return this.#doored.send(this.#doored.journey(client, purpose), peer, to, call);
  }

  /** Asks the platform by its front door, as its users do. */
  async ask(name: string, prompt: string): Promise<Reply> {
    const { deployment, stage } = this.#standing;
    const client = this.client(name);
    const bearer = await stage.sender.bearerFor(client);
    const arn = deployment.tiers[client.principal.tenant.tier]?.runtimeArn ?? '';
    const journey = stage.sender.journey(client, { kind: 'ask', origin: 'door', bearer });
    return stage.sender.send(journey, 'internet', 'front-door', {
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
      .flatMap(({ findings }) =>
        findings.map(({ violation }) => `${violation.promise} ${violation.title}`),
      );
  }
}
