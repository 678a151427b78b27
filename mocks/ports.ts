// What is a mocked model host given, and what does it give: the words of its door.

import type { Call, Headers, Reply } from '../sim/domain/wire.ts';
import type { Chance } from '../sim/kernel/chance.ts';
import type { Clock } from '../sim/kernel/clock.ts';
import type { Behaviour } from './behaviour.ts';
import type { RefusalKind } from './format.ts';
import type { ModelProfile } from './profiles.ts';

/** A brownout. `gone` answers 503, as a refused connection reads behind a gateway. */
export type ModelFault =
  | { readonly kind: 'slow'; readonly factor: number }
  | { readonly kind: 'failing'; readonly share: number; readonly as?: RefusalKind }
  | { readonly kind: 'gone' };

/** What the endpoint itself counted for one answered call, whatever anybody makes of it. */
export interface MeterReading {
  readonly modelId: string;
  readonly share: string;
  readonly inputTokens: number;
  /** Reasoning tokens included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Wait for a slot. */
  readonly queuedUs: number;
  /** From the slot to the last token. */
  readonly servedUs: number;
}

/** Sums over all answered calls of one model, and the calls that were refused. */
export interface MeterTotals {
  readonly calls: number;
  readonly refusals: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly queuedUs: number;
}

export interface ModelEndpointDeps {
  readonly clock: Clock;
  /** Ids and aliases must be unique. */
  readonly profiles: readonly ModelProfile[];
  readonly behaviourOf: (modelId: string) => Behaviour;
  /** Given, the queue is fair between shares; left out, all calls stand in one line. */
  readonly shares?: {
    /** Whose share a call is; left out, what the call names (see `Asked.share`). */
    readonly of?: (call: Call) => string | undefined;
    /** The part in (0, 1] of the token quotas that one share may use; left out, all of it. */
    readonly quotaFraction?: number;
    /** True: each share has all slots and quotas of every model to itself. */
    readonly replicated?: boolean;
  };
  /** The fault in force when a call arrives. */
  readonly fault?: (modelId: string, nowUs: number) => ModelFault | undefined;
  /** Why a call is refused before it is read; left out, every call is let in. */
  readonly authorize?: (call: Call) => 'unauthenticated' | 'forbidden' | undefined;
  /** Hears of every answered call before its reply is given. */
  readonly meter?: (reading: MeterReading, call: Call) => void;
}

/** Hears of each frame of a streamed answer when its time has come. */
export type OnFrame = (frame: string, headers: Headers) => void;

export interface ModelEndpoint {
  /**
   * Answers a call; never throws on bad input. `chance` must be the call's own. A streamed reply
   * has a frame in each chunk: a JSON text and a line feed (on the wall clock `frameBytes` makes
   * real frames of them). With `onFrame`, frames are given out as time passes, all before the end.
   */
  readonly handle: (call: Call, chance: Chance, onFrame?: OnFrame) => Promise<Reply>;
  /** By profile id, as of now. */
  readonly metered: ReadonlyMap<string, MeterTotals>;
}
