// What does a service see of the world: the calls it receives, and the doors it may go out by.

import type { Chance } from '../kernel/chance.ts';
import type { Deployment, Operation } from './directory.ts';
import type { Rule } from './fidelity.ts';
import type { LimitContract, Permit } from './limit.ts';
import type { ToolDefinition } from './tool.ts';
import type { Call, Headers, Reply } from './wire.ts';

/** Every service behind the front door. */
export const INNER_SERVICES = [
  'identity',
  'runtime',
  'gateway',
  'tools',
  'credentials',
  'sts',
  'table',
  'memory',
  'knowledge',
  'model',
  'web',
] as const;
export const SERVICE_NAMES = ['front-door', ...INNER_SERVICES] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Who calls, by network identity: set by the harness, so no service can pretend to be another. */
export type Peer = ServiceName | 'internet' | 'operator';

/** Answers a call. Refusals are replies; a thrown error is a bug in the service (the caller sees 500). */
export type Service = (call: Call, hop: Hop) => Promise<Reply>;

/** Hears of a piece of a streamed reply, with the headers of the reply. */
export type OnChunk = (chunk: string, headers: Headers) => void;

/** One service's view of the world while it answers one call; every door of it is recorded. */
export interface Hop {
  readonly peer: Peer;
  /** Takes each piece of a streamed reply when it is due, for a caller that reads as it comes; most do not. */
  readonly heard: OnChunk | undefined;
  nowUs(): number;
  sleep(durationUs: number): Promise<void>;
  /** Chance of this request under `name`; no other request's draws move it. */
  chance(name: string): Chance;
  /**
   * Calls another service. A service that is gone answers 503. `heard` takes the pieces of a
   * streamed reply as they come, where the service called gives them out.
   */
  call(to: ServiceName, call: Call, heard?: OnChunk): Promise<Reply>;
  /** Asks AgentCore Policy. Throws `ServiceFault` when the policy engine is failing or gone. */
  decide(question: PolicyQuestion): PolicyDecision;
  /** Asks Cedar which tools the principal may list. */
  mayList(question: ListQuestion): boolean;
  /** Asks IAM whether credentials allow an access. */
  authorize(question: AccessQuestion): AccessDecision;
  /** Asks a limiter for a permit. */
  admit(limiter: LimiterName, key: string, contract: LimitContract): Promise<Permit>;
  store(name: StoreName): Store;
  emit(record: TelemetryRecord): void;
  /** Starts work that outlives this call, e.g. memory extraction; it keeps the request's identity. */
  later(afterUs: number, work: (hop: Hop) => Promise<void>): void;
}

/** A dependency that a typed port could not reach. */
export class ServiceFault extends Error {
  override readonly name = 'ServiceFault';
}

export interface PolicyQuestion {
  readonly principal: { readonly id: string; readonly tags: Readonly<Record<string, string>> };
  /** `Target___tool`. */
  readonly action: string;
  /** The gateway's ARN. */
  readonly gateway: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly nowUs: number;
}
export type ListQuestion = Omit<PolicyQuestion, 'input'>;

export interface PolicyDecision {
  readonly decision: 'allow' | 'deny';
  /** Ids of the policies that decided; empty when nothing applied. */
  readonly determining: readonly string[];
  readonly errors: readonly string[];
  /** True when Cedar's answer came from the cache of its own answers. */
  readonly cached: boolean;
}

export interface PolicyPort {
  decide(question: PolicyQuestion): PolicyDecision;
  mayList(question: ListQuestion): boolean;
}

export interface AccessQuestion {
  readonly sessionToken: string;
  /** E.g. `dynamodb:GetItem`. */
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request; an array is a multi-valued key. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  readonly nowUs: number;
}

export type AccessDecision =
  | { readonly kind: 'allowed'; readonly statement: string }
  | { readonly kind: 'denied'; readonly by: 'explicit' | 'implicit' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' };

export interface AccessPort {
  authorize(question: AccessQuestion): AccessDecision;
  /**
   * The session of a pair that was issued together, whether it still lives or not: for a server
   * that verifies signatures. Left out where no signature can be verified.
   */
  sessionOf?(accessKeyId: string, sessionToken: string): IssuedSession | undefined;
}

export interface IssuedSession {
  readonly secretAccessKey: string;
  /** Session tags by their condition key, e.g. `aws:PrincipalTag/Tier`. */
  readonly tags: Readonly<Record<string, string>>;
}

export type LimiterName = 'front-door' | 'gateway';

/** A limiter answers at once, or later when its counters are elsewhere. It throws where it cannot say. */
export interface LimiterPort {
  admit(key: string, contract: LimitContract, nowUs: number): Permit | Promise<Permit>;
}

export type StoreName = 'table' | 'memory-events' | 'memory-records' | 'knowledge';

export interface Item {
  readonly partition: string;
  readonly sort: string;
  readonly value: string;
  readonly writtenUs: number;
}

/** Storage under a data service: partitions of items ordered by when they were first written. */
export interface Store {
  get(partition: string, sort: string): Item | undefined;
  /** The last `most` items of a partition, or all of them; oldest first. */
  query(partition: string, most?: number): readonly Item[];
  /** All items of all partitions that begin with `prefix`. Costs what it reads. */
  scan(prefix: string): readonly Item[];
  put(partition: string, sort: string, value: string): void;
  delete(partition: string, sort: string): void;
}

/** What a service tells the operator. `fields` are what left the service, as text. */
export type TelemetryRecord =
  | {
      readonly kind: 'span';
      readonly service: string;
      readonly name: string;
      readonly traceId: string;
      readonly attributes: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'log'; readonly service: string; readonly line: string }
  | { readonly kind: 'usage'; readonly usage: UsageRecord };

/** One metered model call as the platform charges it. */
export interface UsageRecord {
  readonly tier: string;
  readonly tenant: string;
  readonly user: string;
  readonly modelId: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicroUsd: number;
}

/** A platform: services behind interfaces, any of which can be replaced. */
export interface Platform {
  readonly name: string;
  readonly services: Readonly<Record<ServiceName, Service>>;
  readonly policy: PolicyPort;
  readonly access: AccessPort;
  readonly limiters: Readonly<Record<LimiterName, LimiterPort>>;
  /** Carries out what the operator orders: opens tenants, plants records, changes tiers. */
  operate(operation: Operation, hop: Hop): Promise<void>;
  /** What is simulated, how truly. */
  readonly rules: readonly Rule[];
}

/** What a platform is built from. The harness supplies it; a platform module gets the same. */
export interface PlatformKit {
  readonly deployment: Deployment;
  /** The Cedar engine over the scenario's or the user's policies. */
  readonly policy: PolicyPort;
  /** IAM policy documents by file name, as parsed JSON. */
  readonly iamDocuments: Readonly<Record<string, unknown>>;
  readonly tools: readonly ToolDefinition[];
  /** The user pool's signing keys: the harness holds them, so that it can forge. */
  readonly keys: KeyRing;
  /** Outside services: the mocked model endpoint and the web. */
  readonly outside: { readonly model: Service; readonly web: Service };
  /** Further OpenTelemetry span processors, such as an exporter's. */
  readonly spanProcessors: readonly SpanSink[];
}

/** The signing key in force and the way to replace it. */
export interface KeyRing {
  /** The name from which the key in force is derived. */
  current(): string;
  rotate(): void;
}

/** What the harness needs of an OpenTelemetry `SpanProcessor`; kept free of the SDK's types. */
export type SpanSink = object;
