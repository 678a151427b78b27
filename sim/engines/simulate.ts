// How does a scenario become a history: the whole run in simulated time, from an empty pool to its last event.

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
import { Chance } from '../kernel/chance.ts';
import { MINUTE_US, SECOND_US } from '../kernel/clock.ts';
import { VirtualClock } from '../kernel/virtual-clock.ts';
import type { Scenario } from '../scenario/schema.ts';
import { assign } from '../traces/assign.ts';
import type { TraceRow } from '../traces/trace.ts';
import { type Homes, openAll, planChanges, type Stage } from './changes.ts';
import { Sender } from './clients.ts';
import { ServiceFaults } from './faults.ts';
import { History } from './history.ts';
import { type MovesWatch, playMoves, type SecondRun, SeenIds } from './moves.ts';
import { outside } from './outside.ts';
import { tenantPlans } from './population.ts';
import { planProbes } from './probes.ts';
import { targetOf } from './target-tools.ts';
import { Traffic } from './traffic.ts';
import { Counter, straight, type World } from './world.ts';

export interface Order {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly platform: (kit: PlatformKit) => Platform;
  /** The Cedar engine over the policies in force; `folder` names those of a swap. */
  readonly policies: (folder?: string) => PolicyPort;
  readonly iamDocuments: Readonly<Record<string, unknown>>;
  /** Decoded traces by the name of the stream that replays them. */
  readonly traces: ReadonlyMap<string, readonly TraceRow[]>;
  readonly spanProcessors: readonly object[];
  /** Folds that watch the run, built once the ledger is there. */
  readonly observers: (ledger: Ledger, deployment: Deployment) => readonly Observer[];
  /** Called between events now and then; the run waits for it while simulated time stands still. */
  readonly between?: (progress: {
    readonly share: number;
    readonly events: number;
  }) => Promise<void> | void;
  readonly stop?: () => boolean;
  readonly watch?: MovesWatch;
  /** Given, these are played in place of the scenario's moves. */
  readonly second?: SecondRun;
}

export interface Played {
  readonly platform: Platform;
  readonly events: number;
  /** Kernel events: what the clock played. */
  readonly ticks: number;
  /** Requests that never ended: the platform waits for something outside simulated time. */
  readonly stalled: number;
  readonly planned: number;
  /** True when `stop` ended the run early. */
  readonly partial: boolean;
}

/** Ledger entries are let go of this long after they expired. */
const REMEMBERED_US = 60 * MINUTE_US;

/** Plays a scenario to its end. */
export const simulate = async (order: Order): Promise<Played> => {
  const { scenario, seed } = order;
  const clock = new VirtualClock(scenario.startUs);
  const ledger = new Ledger();
  const deployment = deploymentOf(scenario);
  const policy = new SwappablePolicy(order.policies());
  const beyond = outside(clock, scenario.behaviour, deployment.resources);
  const keys = keyRing();
  const platform = order.platform({
    deployment,
    policy,
    keys,
    iamDocuments: order.iamDocuments,
    tools: HEALTHCARE_TOOLS,
    outside: beyond,
    spanProcessors: order.spanProcessors,
  });
  const seen = new SeenIds();
  const observers = [
    new CredentialKeeper(ledger),
    ...(scenario.moves.length === 0 ? [] : [seen]),
    ...order.observers(ledger, deployment),
  ];
  const world: World = {
    clock,
    platform,
    shelves: shelves(),
    faults: new ServiceFaults(scenario.faults),
    hops: new Counter(),
    history: new History(() => clock.nowUs(), observers),
    outside: beyond,
    wire: straight,
  };
  const sender = new Sender(world, ledger, {
    seed,
    numbers: new Counter(),
    clientId: deployment.clientId,
  });
  const traffic = new Traffic(scenario, sender, seed);
  const homes: Homes = new Map();
  const stage = {
    sender,
    traffic,
    homes,
    lives: new Map<string, number>(),
    swapPolicies: (folder: string) => policy.swap(order.policies(folder)),
  };
  await openAll(stage, tenantPlans(scenario), scenario.startUs);
  replayTraces(order, traffic, homes);
  plan(order, stage, { keys, seen });
  forgetNowAndThen(clock, ledger, scenario);
  const dry = await clock.run({
    ...(order.stop === undefined ? {} : { until: order.stop }),
    between: () =>
      order.between?.({
        share: Math.min(1, (clock.nowUs() - scenario.startUs) / scenario.durationUs),
        events: world.history.length,
      }),
  });
  return {
    platform,
    events: world.history.length,
    ticks: clock.events,
    partial: !dry,
    stalled: dry ? sender.open : 0,
    planned: traffic.planned,
  };
};

/** Everything that has its time before the run begins. */
const plan = (order: Order, stage: Stage, means: { keys: KeyRing; seen: SeenIds }): void => {
  const { scenario, seed, watch, second } = order;
  planChanges(stage, scenario);
  planProbes(stage, scenario, seed, means.keys);
  const moving = { seed, ...means, watch, second };
  stage.sender.world.clock.at(scenario.startUs, () => void playMoves(stage, scenario, moving));
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

const replayTraces = (order: Order, traffic: Traffic, homes: Homes): void => {
  const everyone = [...homes.values()];
  for (const stream of order.scenario.traffic) {
    if (stream.load.kind !== 'trace') continue;
    const { timeScale, skew } = stream.load.trace;
    const rows = assign(order.traces.get(stream.name) ?? [], {
      tenants: { kind: 'zipf', tenants: everyone.length, exponent: skew },
      timeScale,
      chance: new Chance(order.seed).fork('trace', stream.name),
    });
    traffic.replay(stream, rows, everyone);
  }
};

const forgetNowAndThen = (clock: VirtualClock, ledger: Ledger, scenario: Scenario): void => {
  for (let atUs = scenario.startUs; atUs < scenario.endUs; atUs += REMEMBERED_US) {
    clock.at(atUs, () => ledger.forget(clock.nowUs() - REMEMBERED_US));
  }
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
      issuedUs: event.atUs,
      dueUs: Math.min(event.atUs + CREDENTIALS_LIFE_US, bearer?.expiresUs ?? 0),
    });
  }
}
