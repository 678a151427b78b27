// What may these credentials do: AWS STS AssumeRole with session tags, and IAM's answer for every data call.

import { DATA_ROLE_ARN } from '../domain/arn.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import type {
  AccessDecision,
  AccessPort,
  AccessQuestion,
  Hop,
  IssuedSession,
} from '../domain/ports.ts';
import { UsageError } from '../domain/usage-error.ts';
import { isRecord, json, parsed, type Reply } from '../domain/wire.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { type CompiledPolicy, compilePolicy, evaluate } from '../protocol/iam.ts';
import { works } from '../protocol/latency.ts';
import type { TracedService } from '../protocol/tracing.ts';

export const STS_LATENCY: Latency = { medianUs: 70_000, ratioP95: 1.5, perItemUs: 0 };

export const STS_RULES: readonly Rule[] = [
  {
    service: 'sts',
    rule: 'session tags: at most 50, keys 1 to 128 and values 0 to 256 characters of \\p{L}\\p{Z}\\p{N}_.:/=+-@, keys unique ignoring case',
    source: 'STS AssumeRole, botocore 1.43.107',
    standing: 'documented',
  },
  {
    service: 'sts',
    rule: 'DurationSeconds 900 to 43200; RoleSessionName 2 to 64 of \\w+=,.@-',
    source: 'STS AssumeRole, botocore 1.43.107',
    standing: 'documented',
  },
  {
    service: 'sts',
    rule: 'AssumeRole takes 70 ms at the median',
    source: 'budget of 50 to 100 ms',
    standing: 'assumed',
  },
  {
    service: 'sts',
    rule: 'a variable that cannot be resolved matches nothing: an Allow denies, a Deny is skipped',
    source: 'IAM user guide, policy variables',
    standing: 'documented',
  },
];

interface Session extends IssuedSession {
  readonly accessKeyId: string;
  readonly tagNames: readonly string[];
  readonly policy: CompiledPolicy | undefined;
  readonly expiresUs: number;
}

const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const SWEEP_EVERY = 1024;
const COMPILED_MAX = 1024;

/** Issues sessions of one data role, and decides for them by the role's policies and the session's own. */
export class SecurityTokenService implements AccessPort {
  readonly #policies: readonly CompiledPolicy[];
  readonly #sessions = new Map<string, Session>();
  /** Session policies by their text: those of all sessions of one token are equal. */
  readonly #compiled = new Map<string, CompiledPolicy>();
  #issued = 0;

  constructor(policies: readonly CompiledPolicy[]) {
    this.#policies = policies;
  }

  readonly handle: TracedService = async (call, hop) => {
    await works(hop, STS_LATENCY);
    const body = parsed(call.body);
    if (body === undefined || body['Action'] !== 'AssumeRole') return failure(400, 'InvalidAction');
    // The role's trust policy names the token vending machine and nobody else.
    if (hop.peer !== 'credentials' || body['RoleArn'] !== DATA_ROLE_ARN)
      return failure(403, 'AccessDenied');
    const { RoleSessionName: name, DurationSeconds: seconds = 3600 } = body;
    if (typeof name !== 'string' || !SESSION_NAME.test(name))
      return failure(400, 'ValidationError');
    if (typeof seconds !== 'number' || seconds < 900 || seconds > 43_200)
      return failure(400, 'ValidationError');
    const tags = sessionTags(body['Tags']);
    if (tags === undefined) return failure(400, 'ValidationError');
    return this.#open(tags, body['Policy'], seconds, hop);
  };

  authorize(question: AccessQuestion): AccessDecision {
    const session = this.#sessions.get(question.sessionToken);
    if (session === undefined) return { kind: 'unknown' };
    if (question.nowUs >= session.expiresUs) return { kind: 'expired' };
    const request = {
      action: question.action,
      resource: question.resource,
      context: contextOf(question, session),
    };
    if (session.policy !== undefined) {
      const bound = evaluate([session.policy], request);
      if (bound.decision === 'deny') return { kind: 'denied', by: bound.by };
    }
    const outcome = evaluate(this.#policies, request);
    return outcome.decision === 'allow'
      ? { kind: 'allowed', statement: outcome.statement }
      : { kind: 'denied', by: outcome.by };
  }

  sessionOf(accessKeyId: string, sessionToken: string): IssuedSession | undefined {
    const session = this.#sessions.get(sessionToken);
    return session?.accessKeyId === accessKeyId ? session : undefined;
  }

  #open(tags: Readonly<Record<string, string>>, policy: unknown, seconds: number, hop: Hop): Reply {
    let compiled: CompiledPolicy | undefined;
    try {
      compiled = typeof policy === 'string' ? this.#compile(policy) : undefined;
    } catch (problem) {
      if (problem instanceof UsageError || problem instanceof SyntaxError)
        return failure(400, 'MalformedPolicyDocument');
      throw problem;
    }
    this.#issued += 1;
    if (this.#issued % SWEEP_EVERY === 0) this.#sweep(hop.nowUs());
    const secret = hop.chance('session');
    const SessionToken = `IQoJ${secret.hex(60)}`;
    const AccessKeyId = `ASIA${secret.hex(16).toUpperCase()}`;
    const SecretAccessKey = secret.hex(40);
    this.#sessions.set(SessionToken, {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      tags,
      tagNames: Object.keys(tags),
      policy: compiled,
      expiresUs: hop.nowUs() + seconds * SECOND_US,
    });
    return json(200, { Credentials: { AccessKeyId, SecretAccessKey, SessionToken } });
  }

  #compile(policy: string): CompiledPolicy {
    const known = this.#compiled.get(policy);
    if (known !== undefined) return known;
    const compiled = compilePolicy(JSON.parse(policy), 'session policy');
    if (this.#compiled.size >= COMPILED_MAX) this.#compiled.clear();
    this.#compiled.set(policy, compiled);
    return compiled;
  }

  #sweep(nowUs: number): void {
    for (const [key, session] of this.#sessions)
      if (session.expiresUs < nowUs) this.#sessions.delete(key);
  }
}

/**
 * What the call says of itself, then what only STS may say. Key by key: spreading three objects
 * into one takes twenty times as long (measured).
 */
const contextOf = (question: AccessQuestion, session: Session): AccessQuestion['context'] => {
  const context: Record<string, string | readonly string[]> = {};
  for (const key of Object.keys(question.context)) context[key] = question.context[key] ?? '';
  for (const key of session.tagNames) context[key] = session.tags[key] ?? '';
  context['aws:EpochTime'] = String(Math.floor(question.nowUs / SECOND_US));
  return context;
};

/** The tags as condition keys, or `undefined` when STS would refuse them. */
const sessionTags = (given: unknown): Readonly<Record<string, string>> | undefined => {
  if (!Array.isArray(given) || given.length > 50) return undefined;
  const tags: Record<string, string> = {};
  const seen = new Set<string>();
  for (const tag of given as readonly unknown[]) {
    const { Key, Value } = isRecord(tag) ? tag : {};
    if (typeof Key !== 'string' || typeof Value !== 'string') return undefined;
    if (!TAG_KEY.test(Key) || !TAG_VALUE.test(Value) || seen.has(Key.toLowerCase()))
      return undefined;
    seen.add(Key.toLowerCase());
    tags[`aws:PrincipalTag/${Key}`] = Value;
  }
  return tags;
};

const failure = (status: number, code: string): Reply => json(status, { Error: { Code: code } });
