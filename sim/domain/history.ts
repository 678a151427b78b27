// What happened: the events that the harness's recorders write, and nothing else ever does.

import type { BearerFacts } from './ledger.ts';
import type { LimitContract, Permit } from './limit.ts';
import type {
  AccessDecision,
  AccessQuestion,
  Item,
  LimiterName,
  Peer,
  PolicyDecision,
  PolicyQuestion,
  ServiceName,
  StoreName,
  TelemetryRecord,
} from './ports.ts';
import type { Principal } from './principal.ts';
import type { Call, Reply } from './wire.ts';

/** One thing that the driver started, as the driver knows it. */
export interface RequestFacts {
  /** Counts from 1 in the order of planning. */
  readonly number: number;
  readonly kind: 'ask' | 'sign-in' | 'probe' | 'operate';
  /** Whose connection it is; `undefined` for a stranger or the operator. */
  readonly principal: Principal | undefined;
  /** Index of the label that everything written on behalf of this request carries. */
  readonly writes: number;
  readonly plannedUs: number;
  /** The client's session id, when the request has one. */
  readonly session?: string;
  /** What the ledger knows of the bearer token sent along. */
  readonly bearer?: BearerFacts | undefined;
  readonly asks?: Asked;
  readonly probe?: ProbeFacts;
  /** The traffic stream or the kind of change that it came from. */
  readonly origin: string;
  /** The number of the move among its actor's own, when it is one. */
  readonly move?: number;
}

/** What an honest request asks for, and what its answer must then hold. */
export interface Asked {
  readonly tool: string | undefined;
  readonly input: Readonly<Record<string, unknown>>;
  /** Serials of canaries that an entitled asker must find in the answer. */
  readonly expects: readonly number[];
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface ProbeFacts {
  readonly kind: string;
  readonly boundary: ServiceName;
  readonly operation: string;
  /** How the attacker stands to the victim. */
  readonly relation: 'same user' | 'other user' | 'other tenant' | 'other tier' | 'outsider';
  /** What must come back: a refusal, or (a positive control) the owner's own data. */
  readonly expects: 'refusal' | 'service' | 'own answer';
}

interface Happened {
  /** Position in the history, from 0. */
  readonly index: number;
  readonly atUs: number;
  readonly request: RequestFacts | undefined;
}

export interface Arrived extends Happened {
  readonly kind: 'arrived';
}
/** A call and its reply, recorded when the reply is there. `hop` names the callee's view, `parent` the caller's. */
export interface Exchange extends Happened {
  readonly kind: 'exchange';
  readonly startedUs: number;
  readonly from: Peer;
  readonly to: ServiceName;
  readonly hop: number;
  readonly parent: number;
  readonly call: Call;
  readonly reply: Reply;
  /** The service fault in force when the call began, if one was. */
  readonly faulted: boolean;
}
export interface Decided extends Happened {
  readonly kind: 'decided';
  readonly hop: number;
  readonly service: Peer;
  readonly question: PolicyQuestion;
  /** `undefined` when the engine could not be reached. */
  readonly decision: PolicyDecision | undefined;
}
export interface Authorized extends Happened {
  readonly kind: 'authorized';
  readonly hop: number;
  readonly service: Peer;
  readonly question: AccessQuestion;
  /** `undefined` when IAM could not be reached. */
  readonly decision: AccessDecision | undefined;
}
export interface Permitted extends Happened {
  readonly kind: 'permitted';
  /** When the limiter was asked; the event has its place when it had answered. */
  readonly askedUs: number;
  readonly hop: number;
  readonly limiter: LimiterName;
  readonly key: string;
  readonly contract: LimitContract;
  readonly permit: Permit;
}
export interface Stored extends Happened {
  readonly kind: 'stored';
  readonly hop: number;
  readonly service: Peer;
  readonly store: StoreName;
  readonly operation: 'get' | 'query' | 'scan' | 'put' | 'delete';
  readonly partition: string;
  readonly sort: string;
  readonly items: readonly OwnedItem[];
  /** Of a query: how many items were asked for at most. */
  readonly most?: number;
  /** Of a put: the item that stood there, which it replaced. */
  readonly replaced?: OwnedItem | undefined;
}
export interface OwnedItem extends Item {
  /** Index of the label that the harness gave it when it was written. */
  readonly owner: number;
}
export interface Emitted extends Happened {
  readonly kind: 'emitted';
  readonly hop: number;
  readonly service: Peer;
  readonly record: TelemetryRecord;
}
/** The mock's own meter of one model call, whatever the platform says of it. */
export interface Metered extends Happened {
  readonly kind: 'metered';
  readonly modelId: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly queuedUs: number;
}
export interface Ended extends Happened {
  readonly kind: 'ended';
  readonly outcome: 'completed' | 'refused' | 'failed';
  readonly status: number;
  readonly startedUs: number;
  readonly reply: Reply;
}
/** A change to the population or to a service that the scenario ordered. */
export interface Changed extends Happened {
  readonly kind: 'changed';
  readonly change: string;
  readonly tenant: string | undefined;
  /** A service fault: the service, and whether it begins or ends. */
  readonly service?: ServiceName | 'policy';
  readonly begins?: boolean;
}

export type HistoryEvent =
  | Arrived
  | Exchange
  | Decided
  | Authorized
  | Permitted
  | Stored
  | Emitted
  | Metered
  | Ended
  | Changed;

/** Folds over the history: it sees every event once, in order. */
export interface Observer {
  see(event: HistoryEvent): void;
}
