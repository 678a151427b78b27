// Which agent session answers: Amazon Bedrock AgentCore Runtime, a microVM a session or a pooled process.

import { createHmac } from 'node:crypto';
import type { Deployment } from '../domain/directory.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import type { Hop } from '../domain/ports.ts';
import { header, json, parsed, type Reply } from '../domain/wire.ts';
import { HOUR_US, MINUTE_US } from '../kernel/clock.ts';
import { BearerVerifier, type Verified } from '../protocol/bearer.ts';
import { works } from '../protocol/latency.ts';
import { SESSION_HEADER } from '../protocol/session.ts';
import { foreignBaggage, type Trace, type TracedService } from '../protocol/tracing.ts';

export const RUNTIME_LATENCY: Latency = { medianUs: 12_000, ratioP95: 1.6, perItemUs: 0 };
/** A new microVM's start. Source: assumed ("cold start seconds" is an estimate). */
export const COLD_START_US = 900_000;
/** Source: AgentCore Runtime sessions guide: idle 15 minutes, 8 hours at most. */
export const SESSION_IDLE_US = 15 * MINUTE_US;
export const SESSION_LIFE_US = 8 * HOUR_US;

export const RUNTIME_RULES: readonly Rule[] = [
  {
    service: 'runtime',
    rule: 'a session ends after 15 minutes idle or 8 hours',
    source: 'AgentCore Runtime, sessions',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'the platform itself does not bind sessions to users; the session key here holds tenant, user and the client id',
    source: 'AgentCore Runtime, sessions',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'a new microVM takes 900 ms to start',
    source: 'assumed',
    standing: 'assumed',
  },
];

/** One agent session: what its microVM holds. A pooled process keeps none of it between turns. */
export interface AgentSession {
  /** The memory session id: a keyed hash, so that equal client ids never meet. */
  readonly memorySession: string;
  readonly startedUs: number;
  usedUs: number;
  /** Tools listed at the session's first turn; `undefined` until then. */
  tools: readonly ListedTool[] | undefined;
}

export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
}

/** One turn of the agent for a verified caller; everything it needs travels as an argument. */
export interface Turn {
  readonly verified: Verified;
  readonly prompt: string;
  readonly maxOutputTokens: number;
  readonly session: AgentSession;
  readonly hop: Hop;
  readonly trace: Trace;
}

export type Agent = (turn: Turn) => Promise<Reply>;

const TENANT_FIELDS = ['tier', 'clinic_id', 'tenant', 'user_id', 'role', 'actor_id', 'actor'];
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9-_]{32,255}$/;
const SWEEP_EVERY = 1024;

export class Runtime {
  readonly #deployment: Deployment;
  readonly #agent: Agent;
  readonly #bearers: BearerVerifier;
  readonly #sessions = new Map<string, AgentSession>();
  #calls = 0;

  constructor(deployment: Deployment, agent: Agent) {
    this.#deployment = deployment;
    this.#agent = agent;
    this.#bearers = new BearerVerifier(deployment);
  }

  readonly handle: TracedService = async (call, hop, trace) => {
    await works(hop, RUNTIME_LATENCY);
    // Calls come from the front door alone, so its limits cannot be walked around.
    if (hop.peer !== 'front-door') return message(403, 'AccessDeniedException');
    const verified = await this.#bearers.verify(call, hop);
    if (verified === undefined) return message(401, 'Unauthorized');
    trace.attribute(verified.caller);
    const { tier } = verified.caller;
    if (
      decodeURIComponent(call.path.split('/')[2] ?? '') !== this.#deployment.tiers[tier]?.runtimeArn
    ) {
      return message(403, 'AccessDeniedException');
    }
    if (foreignBaggage(trace, verified.caller)) return message(400, 'ValidationException');

    const payload = parsed(call.body);
    const prompt = payload?.['prompt'];
    if (payload === undefined || typeof prompt !== 'string') return message(400, 'Invalid JSON');
    if (TENANT_FIELDS.some((field) => field in payload)) return message(400, 'ValidationException');
    const client = header(call.headers, SESSION_HEADER);
    if (client === undefined || !SESSION_ID.test(client))
      return message(400, 'ValidationException');

    const session = await this.#session(verified, client, hop);
    const asked = payload['max_tokens'];
    const maxOutputTokens = typeof asked === 'number' && asked > 0 ? Math.min(asked, 4096) : 512;
    return this.#agent({ verified, prompt, maxOutputTokens, session, hop, trace });
  };

  /** The caller's own session of that client id; no other caller's can have the same key. */
  async #session(verified: Verified, client: string, hop: Hop): Promise<AgentSession> {
    this.#calls += 1;
    if (this.#calls % SWEEP_EVERY === 0) this.#sweep(hop.nowUs());
    const { tenant, user } = verified.caller;
    const key = JSON.stringify([tenant, user, client]);
    const known = this.#sessions.get(key);
    if (known !== undefined && alive(known, hop.nowUs())) {
      known.usedUs = hop.nowUs();
      return known;
    }
    const memorySession = createHmac('sha256', 'memory session').update(key).digest('hex');
    const session = {
      memorySession,
      startedUs: hop.nowUs(),
      usedUs: hop.nowUs(),
      tools: undefined,
    };
    this.#sessions.set(key, session);
    if (this.#deployment.hosting === 'microvm') await hop.sleep(COLD_START_US);
    return session;
  }

  #sweep(nowUs: number): void {
    for (const [key, session] of this.#sessions)
      if (!alive(session, nowUs)) this.#sessions.delete(key);
  }
}

const alive = (session: AgentSession, nowUs: number): boolean =>
  nowUs - session.usedUs < SESSION_IDLE_US && nowUs - session.startedUs < SESSION_LIFE_US;

const message = (status: number, text: string): Reply => json(status, { error: text });
