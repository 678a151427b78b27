// How much does the open loop manage with all its checks: a constant rate, stepped up until it is not kept.

import { runtimeArn } from '../domain/arn.ts';
import type { SaturationStep } from '../domain/load-report.ts';
import type { Call } from '../domain/wire.ts';
import type { Client } from '../engines/clients.ts';
import { arrivals } from '../kernel/arrivals.ts';
import { Chance } from '../kernel/chance.ts';
import type { Clock } from '../kernel/clock.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { SESSION_HEADER } from '../protocol/session.ts';
import type { Generator } from './generator.ts';
import { openLoop } from './open-loop.ts';
import { Pace } from './pace.ts';

/** In words, what `bareAsk` asks. */
export const BARE_ENDPOINT =
  'asks without a prompt at the front door, with a ready token: verified, limited, refused with 400 or 429, no model behind it';

/** Each step so much faster than the one before. */
const FASTER = 1.3;
const STEPS_MAX = 10;
/** As much of a rate must be answered for it to be kept. */
const KEPT_SHARE = 0.95;
const LEAD_US = 50_000;

/** A call that goes the front door's whole way and needs no model, so that the rate is the harness's and the platform's own. */
export const bareAsk = ({ authorization, bearer, principal }: Client, note: string): Call => ({
  method: 'POST',
  path: `/runtimes/${encodeURIComponent(runtimeArn(bearer?.tier ?? principal.tenant.tier))}/invocations`,
  headers: [
    ['authorization', authorization],
    ['content-type', 'application/json'],
    [SESSION_HEADER, `session-${'0'.repeat(32)}`],
  ],
  body: JSON.stringify({ note }),
});

export interface Stepping {
  readonly generator: Generator;
  readonly client: Client;
  readonly clock: Clock;
  /** The first rate. */
  readonly fromPerSecond: number;
  readonly stepSeconds: number;
  readonly stopped: () => boolean;
}

export interface Stepped {
  readonly steps: readonly SaturationStep[];
  readonly statuses: Readonly<Record<string, number>>;
}

/** Every request is told to the server and judged, as those of a load are. */
export const stepUp = async (stepping: Stepping): Promise<Stepped> => {
  const steps: SaturationStep[] = [];
  const statuses: Record<string, number> = {};
  let perSecond = stepping.fromPerSecond;
  while (steps.length < STEPS_MAX && !stepping.stopped()) {
    const step = await oneStep(stepping, perSecond, statuses);
    steps.push(step);
    if (!step.kept) break;
    perSecond *= FASTER;
  }
  return { steps, statuses };
};

const oneStep = async (
  { generator, client, clock, stepSeconds, stopped }: Stepping,
  perSecond: number,
  statuses: Record<string, number>,
): Promise<SaturationStep> => {
  const { sender, ledger } = generator;
  const fromUs = clock.nowUs() + LEAD_US;
  const window = { fromUs, toUs: fromUs + Math.round(stepSeconds * SECOND_US) };
  const pace = new Pace(() => clock.nowUs());
  const { planned, latencies } = await openLoop({
    ...{ clock, pace, stopped },
    starts: arrivals({ kind: 'constant', requestsPerSecond: perSecond }, window, new Chance(1)),
    send: async (_number, plannedUs) => {
      const { bearer } = client;
      const canary = ledger.plant(sender.labelOf(client), 'prompt');
      const purpose = { kind: 'ask', origin: 'saturation', bearer, plannedUs } as const;
      const journey = sender.journey(client, purpose);
      const call = bareAsk(client, canary.text);
      const { status } = await sender.send(journey, 'internet', 'front-door', call);
      statuses[status] = (statuses[status] ?? 0) + 1;
    },
  });
  const tookUs = Math.max(1, clock.nowUs() - fromUs);
  const summary = latencies.summary();
  const answeredPerSecond = (latencies.count * SECOND_US) / tookUs;
  return {
    plannedPerSecond: perSecond,
    answeredPerSecond,
    lagMsP99: pace.conclude(undefined).lagMs?.p99 ?? 0,
    latencyMsP50: summary?.p50 ?? 0,
    latencyMsP99: summary?.p99 ?? 0,
    kept: latencies.count === planned && answeredPerSecond >= KEPT_SHARE * perSecond,
  };
};
