// Whom does a runtime process serve: whoever its first request named, for as long as the process lives.

import type { Deployment } from '../../domain/directory.ts';
import type { Rule } from '../../domain/fidelity.ts';
import { header, json, parsed } from '../../domain/wire.ts';
import { works } from '../../protocol/latency.ts';
import { SESSION_HEADER } from '../../protocol/session.ts';
import type { TracedService } from '../../protocol/tracing.ts';
import {
  COLD_START_US,
  RUNTIME_LATENCY,
  SESSION_IDLE_US,
  SESSION_LIFE_US,
} from '../../services/runtime.ts';
import { type Agent, agentFor, answer } from './agent.ts';
import { JwtAuthorizer } from './authorizer.ts';
import type { Way } from './memory-hook.ts';
import { callerOf, contextOfPayload, type TenantContext } from './tenant-context.ts';
import type { AsPublishedTerms } from './terms.ts';

export const PUBLISHED_RUNTIME_RULES: readonly Rule[] = [
  {
    service: 'runtime',
    rule: 'tier, clinic, user and role are those of the payload, whatever the token says',
    source: 'sample, main.py:146-149 (W01)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'the first request of a process names its tenant, and gives the token that the gateway is shown from then on',
    source: 'sample, main.py:144 (W08, W48)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'a pooled process keeps the tenant of its first request for all that follow: class-level values win over those of the context (deployment.hosting)',
    source: 'sample, agent/context.py:57 (W47)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'a session is the client’s id alone, bound to no user; without an id it is new',
    source: 'AgentCore Runtime, sessions; sample, main.py',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'a runtime is called directly by whoever has a token, past the front door and its limits',
    source: 'sample, deploy.sh, customJWTAuthorizer (W61)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'a session ends after 15 minutes idle or 8 hours; a pooled process never',
    source: 'AgentCore Runtime, sessions; the pooled process: assumed',
    standing: 'assumed',
  },
  {
    service: 'runtime',
    rule: 'an agent that cannot reach its model answers 429',
    source: 'assumed',
    standing: 'assumed',
  },
];

/** A microVM, or the whole runtime when that is one pooled process. */
interface Host {
  readonly startedUs: number;
  usedUs: number;
  context: TenantContext | undefined;
  agent: Promise<Agent> | undefined;
}

const SWEEP_EVERY = 1024;

export class PublishedRuntime {
  readonly #deployment: Deployment;
  readonly #terms: AsPublishedTerms;
  readonly #authorizer: JwtAuthorizer;
  readonly #hosts = new Map<string, Host>();
  #calls = 0;

  constructor(deployment: Deployment, terms: AsPublishedTerms) {
    this.#deployment = deployment;
    this.#terms = terms;
    this.#authorizer = new JwtAuthorizer(deployment);
  }

  readonly handle: TracedService = async (call, hop, trace) => {
    await works(hop, RUNTIME_LATENCY);
    const authorized = await this.#authorizer.verify(call, hop);
    if (authorized === undefined) return json(401, { error: 'Unauthorized' });
    const runtime = decodeURIComponent(call.path.split('/')[2] ?? '');
    if (!Object.values(this.#deployment.tiers).some(({ runtimeArn }) => runtimeArn === runtime))
      return json(404, { error: 'ResourceNotFoundException' });
    const payload = parsed(call.body);
    if (payload === undefined) return json(400, { error: 'Invalid JSON' });
    const session = header(call.headers, SESSION_HEADER) ?? hop.chance('session').hex(36);
    if (session.length < 33 || session.length > 256)
      return json(400, { error: 'ValidationException' });

    const host = this.#host(runtime, session, hop.nowUs());
    host.context ??= contextOfPayload(payload);
    trace.attribute(callerOf(host.context));
    const way = { hop, trace };
    const { authorization } = authorized;
    host.agent ??= this.#start(host.context, { authorization, session }, way);
    const prompt = String(payload['prompt'] ?? '');
    return answer(this.#deployment, await host.agent, prompt, way);
  };

  async #start(
    context: TenantContext,
    from: { readonly authorization: string; readonly session: string },
    way: Way,
  ): Promise<Agent> {
    await way.hop.sleep(COLD_START_US);
    return agentFor(context, from, this.#terms, way);
  }

  #host(runtime: string, session: string, nowUs: number): Host {
    this.#calls += 1;
    if (this.#calls % SWEEP_EVERY === 0) this.#sweep(nowUs);
    const isPooled = this.#deployment.hosting === 'pooled';
    const key = JSON.stringify(isPooled ? [runtime] : [runtime, session]);
    const known = this.#hosts.get(key);
    if (known !== undefined && (isPooled || alive(known, nowUs))) {
      known.usedUs = nowUs;
      return known;
    }
    const host: Host = { startedUs: nowUs, usedUs: nowUs, context: undefined, agent: undefined };
    this.#hosts.set(key, host);
    return host;
  }

  #sweep(nowUs: number): void {
    if (this.#deployment.hosting === 'pooled') return;
    for (const [key, host] of this.#hosts) if (!alive(host, nowUs)) this.#hosts.delete(key);
  }
}

const alive = (host: Host, nowUs: number): boolean =>
  nowUs - host.usedUs < SESSION_IDLE_US && nowUs - host.startedUs < SESSION_LIFE_US;
