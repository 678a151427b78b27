// How does one model serve one call: admit it, wait for a slot, think, let the time pass, write.

import type { Call, Headers, Reply } from '../sim/domain/wire.ts';
import type { Chance } from '../sim/kernel/chance.ts';
import type { Clock } from '../sim/kernel/clock.ts';
import type { Behaviour } from './behaviour.ts';
import { inputTokensOf, orphanResult } from './conversation.ts';
import { FairSlots } from './fair-slots.ts';
import {
  type Asked,
  type Completion,
  malformed,
  type Refused,
  refusal,
  type WireFormat,
} from './format.ts';
import type { MeterReading, MeterTotals, ModelEndpointDeps, OnFrame } from './ports.ts';
import type { ModelProfile } from './profiles.ts';
import { think } from './thought.ts';
import { type Reservation, TokenQuota } from './token-quota.ts';

/** One model's profile and everything about it that changes. */
export interface Model {
  readonly profile: ModelProfile;
  readonly behaviour: Behaviour;
  /** What the calls of a share have to share with others. */
  readonly capacityFor: (share: string) => Capacity;
  readonly totals: Totals;
}

interface Capacity {
  readonly slots: FairSlots;
  readonly quota: TokenQuota;
}
type Totals = { -readonly [Key in keyof MeterTotals]: MeterTotals[Key] };

export const modelOf = (profile: ModelProfile, deps: ModelEndpointDeps): Model => ({
  profile,
  behaviour: deps.behaviourOf(profile.id),
  capacityFor: capacities(profile, deps.shares),
  totals: { calls: 0, refusals: 0, inputTokens: 0, outputTokens: 0, queuedUs: 0 },
});

const capacities = (
  profile: ModelProfile,
  shares: ModelEndpointDeps['shares'],
): Model['capacityFor'] => {
  const made = (): Capacity => ({
    slots: new FairSlots(profile.concurrency, profile.queueDepth),
    quota: new TokenQuota({ ...profile, shareFraction: shares?.quotaFraction }),
  });
  if (shares?.replicated !== true) {
    const one = made();
    return () => one;
  }
  const each = new Map<string, Capacity>();
  return (share) => {
    const known = each.get(share);
    if (known !== undefined) return known;
    const own = made();
    each.set(share, own);
    return own;
  };
};

/** A call that was read and whose model is known. */
export interface Arrival {
  readonly call: Call;
  readonly asked: Asked;
  readonly format: WireFormat;
  readonly chance: Chance;
  readonly model: Model;
}

/** What the model will say, and how long that takes. The slot is held until `finish`. */
export interface Served {
  readonly kind: 'served';
  readonly arrival: Arrival;
  readonly reservation: Reservation;
  readonly completion: Completion;
  readonly queuedUs: number;
  readonly firstTokenUs: number;
}

/** Admits a call, waits for a slot, then thinks. */
export const serve = async (
  deps: ModelEndpointDeps,
  arrival: Arrival,
): Promise<Served | Refused> => {
  const { clock } = deps;
  const { asked, format, chance, model } = arrival;
  const admitted = admit(deps, arrival);
  if (admitted.kind === 'refused') return admitted;
  const { reservation, slowness } = admitted;
  const { share, inputTokens, maxTokens } = reservation;
  const arrivedUs = clock.nowUs();
  const { slots, quota } = model.capacityFor(share);
  const slot = slots.take(share);
  if (slot !== true && !(await slot)) {
    quota.settle(reservation, 0, clock.nowUs());
    return UNAVAILABLE;
  }
  const createdUs = clock.nowUs();
  const { profile, behaviour } = model;
  const thought = think(profile, behaviour, { asked, format, chance, maxTokens });
  const { median, ratioP95 } = profile.timeToFirstTokenUs;
  const firstUs = chance.fork('first-token').logNormal(median, ratioP95);
  const perOutputTokenUs = 1_000_000 / profile.outputTokensPerSecond;
  const { text, toolCalls, end, outputTokens, reasoningTokens } = thought;
  return {
    kind: 'served',
    arrival,
    reservation,
    completion: {
      modelId: asked.modelId,
      text,
      toolCalls,
      end,
      inputTokens,
      outputTokens,
      reasoningTokens,
      createdUs,
      servedUs: Math.round((firstUs + outputTokens * perOutputTokenUs) * slowness),
    },
    queuedUs: createdUs - arrivedUs,
    firstTokenUs: Math.round((firstUs + reasoningTokens * perOutputTokenUs) * slowness),
  };
};

/** Lets the time of the answer pass, and writes it. */
export const speak = async (
  deps: ModelEndpointDeps,
  served: Served,
  onFrame: OnFrame | undefined,
): Promise<Reply> => {
  const { clock } = deps;
  const { arrival, completion } = served;
  const { format, asked, chance } = arrival;
  const id = chance.fork('id').hex(32);
  if (!asked.stream) {
    await clock.sleep(completion.servedUs);
    finish(deps, served);
    return format.reply(completion, id);
  }
  const headers: Headers = [
    ['content-type', format.streamContentType],
    [format.requestIdHeader, id],
  ];
  const frames = format.frames(completion, chance.fork('frames'), asked.includeUsage);
  const chunks = frames.map((frame) => `${frame}\n`);
  if (onFrame === undefined) await clock.sleep(completion.servedUs);
  else await pace(clock, served, chunks, (chunk) => onFrame(chunk, headers));
  finish(deps, served);
  return { status: 200, headers, body: chunks.join(''), chunks };
};

interface Admitted {
  readonly kind: 'admitted';
  readonly reservation: Reservation;
  readonly slowness: number;
}

/** Everything that can refuse a call before it waits. */
const admit = (deps: ModelEndpointDeps, arrival: Arrival): Admitted | Refused => {
  const { call, asked, chance, model } = arrival;
  const { profile } = model;
  const nowUs = deps.clock.nowUs();
  const fault = deps.fault?.(profile.id, nowUs);
  if (fault?.kind === 'gone') return UNAVAILABLE;
  if (fault?.kind === 'failing' && chance.fork('fault').happens(fault.share)) {
    return refusal(fault.as ?? 'unavailable', 'the model failed to answer');
  }
  const orphan = orphanResult(asked.messages);
  if (orphan !== undefined) return malformed(`a tool result answers no earlier call: ${orphan}`);
  const maxTokens = asked.maxTokens ?? profile.maxOutputTokens;
  if (maxTokens > profile.maxOutputTokens) {
    return malformed(`at most ${profile.maxOutputTokens} output tokens, not ${maxTokens}`);
  }
  const inputTokens = inputTokensOf(asked);
  if (inputTokens + maxTokens > profile.contextTokens) {
    return malformed(`input and output are over ${profile.contextTokens} tokens`);
  }
  const share = shareOf(deps, call, asked);
  const reservation = model
    .capacityFor(share)
    .quota.reserve({ share, inputTokens, maxTokens }, nowUs);
  if (typeof reservation === 'string') {
    return refusal('throttled', `too many ${reservation} tokens, please wait before trying again`);
  }
  const slowness = fault?.kind === 'slow' ? fault.factor : 1;
  return { kind: 'admitted', reservation, slowness };
};

const shareOf = ({ shares }: ModelEndpointDeps, call: Call, asked: Asked): string => {
  if (shares === undefined) return '';
  return (shares.of === undefined ? asked.share : shares.of(call)) ?? '';
};

/** Gives slot and quota back, and reads the meter. */
const finish = (deps: ModelEndpointDeps, served: Served): void => {
  const { arrival, reservation, completion, queuedUs } = served;
  const { model, call } = arrival;
  const { inputTokens, outputTokens, reasoningTokens, servedUs } = completion;
  const { slots, quota } = model.capacityFor(reservation.share);
  slots.giveBack();
  quota.settle(reservation, outputTokens, deps.clock.nowUs());
  const reading: MeterReading = {
    modelId: model.profile.id,
    share: reservation.share,
    inputTokens,
    outputTokens,
    reasoningTokens,
    queuedUs,
    servedUs,
  };
  count(model.totals, reading);
  deps.meter?.(reading, call);
};

const count = (totals: Totals, reading: MeterReading): void => {
  totals.calls += 1;
  totals.inputTokens += reading.inputTokens;
  totals.outputTokens += reading.outputTokens;
  totals.queuedUs += reading.queuedUs;
};

/** Gives the chunks out evenly between the first token and the last. */
const pace = async (
  clock: Clock,
  { completion, firstTokenUs }: Served,
  chunks: readonly string[],
  give: (chunk: string) => void,
): Promise<void> => {
  const spanUs = completion.servedUs - firstTokenUs;
  for (const [index, chunk] of chunks.entries()) {
    const offsetUs = Math.round((spanUs * index) / Math.max(1, chunks.length - 1));
    const leftUs = completion.createdUs + firstTokenUs + offsetUs - clock.nowUs();
    if (leftUs > 0) await clock.sleep(leftUs);
    give(chunk);
  }
};

const UNAVAILABLE = refusal('unavailable', 'the model is temporarily unavailable');
