// How does a platform come to stand, with everyone who will use it: the same on every clock.

import { gatewayArn, runtimeArn } from '../domain/arn.ts';
import type { Deployment, TierTerms } from '../domain/directory.ts';
import type { HistoryEvent, Observer } from '../domain/history.ts';
import { Ledger } from '../domain/ledger.ts';
import type {
  KeyRing,
  ListQuestion,
  Platform,
  PlatformKit,
  PolicyDecision,
  PolicyPort,
  PolicyQuestion,
} from '../domain/ports.ts';
import { shelves } from '../domain/shelf.ts';
import { HEALTHCARE_TOOLS } from '../domain/tool.ts';
import { header, isRecord, parsed } from '../domain/wire.ts';
import { type Clock, SECOND_US } from '../kernel/clock.ts';
import type { Scenario } from '../scenario/schema.ts';
import type { Stage } from './changes.ts';
import { Sender } from './clients.ts';
import { ServiceFaults } from './faults.ts';
import { History } from './history.ts';
import { outside } from './outside.ts';
import { targetOf } from './target-tools.ts';
import { Traffic } from './traffic.ts';
import { Counter, type Wire, type World } from './world.ts';

/** What a platform is stood up from. */
export interface Plot {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly platform: (kit: PlatformKit) => Platform;
  /** The Cedar engine over the policies in force; `folder` names those of a swap. */
  readonly policies: (folder?: string) => PolicyPort;
  readonly iamDocuments: Readonly<Record<string, unknown>>;
  readonly spanProcessors: readonly object[];
  /** Folds that watch the history, built once the ledger is there; those first that keep its books. */
  readonly observers: (ledger: Ledger, deployment: Deployment) => readonly Observer[];
}

/** A platform that stands, empty as yet, and all that surrounds it. */
export interface Standing {
  readonly world: World;
  readonly ledger: Ledger;
  readonly deployment: Deployment;
  readonly keys: KeyRing;
  readonly stage: Stage;
}

/** Stands the platform up on a clock. Throws `UsageError` where its documents are not valid. */
export const standUp = (plot: Plot, clock: Clock, wire: Wire): Standing => {
  const { scenario, seed } = plot;
  const ledger = new Ledger();
  const deployment = deploymentOf(scenario);
  const policy = new SwappablePolicy(plot.policies());
  const faults = new ServiceFaults(scenario.faults);
  const beyond = outside(clock, scenario.behaviour, deployment.resources, faults);
  const keys = keyRing();
  const platform = plot.platform({
    deployment,
    policy,
    keys,
    iamDocuments: plot.iamDocuments,
    tools: HEALTHCARE_TOOLS,
    outside: beyond,
    spanProcessors: plot.spanProcessors,
  });
  const observers = [new CredentialKeeper(ledger), ...plot.observers(ledger, deployment)];
  const world: World = {
    clock,
    platform,
    shelves: shelves(),
    faults,
    hops: new Counter(),
    history: new History(() => clock.nowUs(), observers),
    outside: beyond,
    wire,
  };
  const { clientId } = deployment;
  const sender = new Sender(world, ledger, { seed, numbers: new Counter(), clientId });
  const stage: Stage = {
    sender,
    traffic: new Traffic(scenario, sender, seed),
    homes: new Map(),
    lives: new Map<string, number>(),
    swapPolicies: (folder: string) => policy.swap(plot.policies(folder)),
  };
  return { world, ledger, deployment, keys, stage };
};

export const deploymentOf = (scenario: Scenario): Deployment => {
  const tiers = Object.entries(scenario.tiers).map(([tier, plan]): [string, TierTerms] => [
    tier,
    {
      tier,
      modelId: plan.model,
      wire: plan.wire,
      limits: plan.limits,
      target: targetOf(tier),
      gatewayArn: gatewayArn(tier),
      runtimeArn: runtimeArn(tier),
    },
  ]);
  return {
    tiers: Object.fromEntries(tiers),
    hosting: scenario.hosting,
    resources: scenario.observer?.resources ?? 'shared',
    userPoolId: 'us-east-1_Pool00001',
    clientId: 'webclient0000000000000001',
  };
};

const keyRing = (): KeyRing => {
  let generation = 1;
  return {
    current: () => `identity ${generation}`,
    rotate: () => {
      generation += 1;
    },
  };
};

class SwappablePolicy implements PolicyPort {
  #engine: PolicyPort;

  constructor(engine: PolicyPort) {
    this.#engine = engine;
  }

  swap(engine: PolicyPort): void {
    this.#engine = engine;
  }

  decide(question: PolicyQuestion): PolicyDecision {
    return this.#engine.decide(question);
  }

  mayList(question: ListQuestion): boolean {
    return this.#engine.mayList(question);
  }
}

/** Source: the token vending machine's contract, 900 s. */
const CREDENTIALS_LIFE_US = 900 * SECOND_US;

/** Enters credentials into the ledger as they leave the token vending machine. */
class CredentialKeeper implements Observer {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  see(event: HistoryEvent): void {
    if (event.kind !== 'exchange' || event.to !== 'credentials' || event.reply.status !== 200)
      return;
    const body = parsed(event.reply.body);
    const sessionToken = isRecord(body) ? body['SessionToken'] : undefined;
    if (typeof sessionToken !== 'string') return;
    const bearer = this.#ledger.bearer(
      (header(event.call.headers, 'authorization') ?? '').slice('Bearer '.length),
    );
    this.#ledger.recordCredentials(sessionToken, {
      owner: bearer?.owner,
      tier: bearer?.tier,
      role: bearer?.role,
      issuedUs: event.atUs,
      dueUs: Math.min(event.atUs + CREDENTIALS_LIFE_US, bearer?.expiresUs ?? 0),
    });
  }
}
