// How does a scenario become a history: the whole run in simulated time, from an empty pool to its last event.

import type { Ledger } from '../domain/ledger.ts';
import type { KeyRing, Platform } from '../domain/ports.ts';
import { Chance } from '../kernel/chance.ts';
import { MINUTE_US } from '../kernel/clock.ts';
import { VirtualClock } from '../kernel/virtual-clock.ts';
import type { Scenario } from '../scenario/schema.ts';
import { assign } from '../traces/assign.ts';
import type { TraceRow } from '../traces/trace.ts';
import { type Homes, openAll, planChanges, type Stage } from './changes.ts';
import { type MovesWatch, playMoves, type SecondRun, SeenIds } from './moves.ts';
import { tenantPlans } from './population.ts';
import { planProbes } from './probes.ts';
import { type Plot, standUp } from './stand-up.ts';
import type { Traffic } from './traffic.ts';
import { straight } from './world.ts';

/** What a simulated run is a function of, and who listens. */
export interface Order extends Plot {
  /** Decoded traces by the name of the stream that replays them. */
  readonly traces: ReadonlyMap<string, readonly TraceRow[]>;
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
  const { scenario } = order;
  const clock = new VirtualClock(scenario.startUs);
  const seen = new SeenIds();
  const watching = scenario.moves.length === 0 ? [] : [seen];
  const { world, ledger, keys, stage } = standUp(
    { ...order, observers: (...known) => [...watching, ...order.observers(...known)] },
    clock,
    straight,
  );
  const { platform } = world;
  const { sender, traffic, homes } = stage;
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

/** Replays the decoded traces of the scenario's streams over its tenants. */
export const replayTraces = (
  order: Pick<Order, 'scenario' | 'traces' | 'seed'>,
  traffic: Traffic,
  homes: Homes,
): void => {
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
