// How does a call of the harness reach a user's own gateway, and how does its answer come back?

import type { Principal } from '../domain/principal.ts';
import { type Call, type Headers, header, json, parsed, type Reply } from '../domain/wire.ts';
import type { Sent, Wire } from '../engines/world.ts';
import { SESSION_HEADER } from '../protocol/session.ts';
import { answerText } from './answer.ts';
import { type Exchanged, type ExchangeTerms, exchange } from './exchange.ts';
import type { CarrierHooks } from './generator.ts';
import { cutReply } from './http-wire.ts';
import type { OutsideLimits } from './outside-limits.ts';
import type { RateCap } from './safety.ts';
import type { Secrets } from './secrets.ts';
import { presentedBy, type Seat, type StandIns, signInCall, valuesOf } from './sessions.ts';
import type { Target } from './target.ts';
import type { TargetTally } from './target-tally.ts';
import { callOf } from './template.ts';
import type { TraceReceiver } from './trace-receiver.ts';

export interface TargetWireTerms extends ExchangeTerms {
  readonly target: Target;
  /** Of the environment, by variable. */
  readonly environment: ReadonlyMap<string, string>;
  readonly seats: ReadonlyMap<string, Seat>;
  readonly secrets: Secrets;
  readonly standIns: StandIns;
  readonly cap: RateCap;
  readonly limits: OutsideLimits;
  readonly tally: TargetTally;
  readonly hooks: CarrierHooks;
  /** Why everything under way was ended, once it was. */
  readonly stop: { readonly why: string | undefined };
  /** Hears of traces that are begun; undefined where none are received. */
  readonly traces: () => Pick<TraceReceiver, 'begun' | 'answered'> | undefined;
}

type Answered = Extract<Exchanged, { readonly kind: 'answered' }>;

/** Sends sign-ins and asks; everything that a user says or hears passes here. */
export const targetWire =
  (terms: TargetWireTerms): Wire =>
  (sent) => {
    const { principal } = sent.journey.request;
    const seat = terms.seats.get(principal?.membership ?? '');
    if (principal === undefined || seat === undefined)
      return Promise.resolve(json(403, { message: 'nobody of this target' }));
    return sent.to === 'identity' ? signIn(terms, principal, seat) : ask(terms, seat, sent);
  };

/** Signs a user in at the target; the answer is that of an identity service, with a stand-in. */
export const signIn = async (
  terms: TargetWireTerms,
  principal: Principal,
  seat: Seat,
): Promise<Reply> => {
  const { target, environment, clock, tally, standIns, cap } = terms;
  if (target.signIn.kind === 'static') {
    const bearer = environment.get(seat.user.secret) ?? '';
    tally.signedIn(principal.membership);
    return standIns.issue(principal, bearer, clock.nowUs() + target.signIn.lifeUs);
  }
  const prepared = signInCall(target, seat, environment);
  if (prepared === undefined) throw new Error('no call signs in where secrets are static');
  await cap.takeWhenFree();
  const answered = await exchange(terms, prepared.base, prepared.call, target.ask.timeoutUs);
  const presented = presentedBy(target.signIn, answered);
  if (presented.kind === 'refused') {
    tally.notSignedIn(
      principal.membership,
      terms.stop.why ?? terms.secrets.redacted(presented.why),
    );
    return json(presented.status, { message: 'not signed in' });
  }
  tally.signedIn(principal.membership);
  return standIns.issue(principal, presented.bearer, answered.sentUs + presented.lifeUs);
};

const ask = async (terms: TargetWireTerms, seat: Seat, { call, journey }: Sent): Promise<Reply> => {
  const { target, limits, hooks } = terms;
  const { request } = journey;
  hooks.leaves(request);
  const given = (header(call.headers, 'authorization') ?? '').replace(/^Bearer /, '');
  const bearer = terms.standIns.bearer(given);
  // Whoever could not sign in has nothing to ask with; the target is not bothered.
  if (bearer === undefined) return json(401, { message: 'not signed in' });
  const traceId = journey.chance.fork('trace').hex(32);
  const spanId = journey.chance.fork('span').hex(16);
  const traces = terms.traces();
  traces?.begun(traceId, spanId, seat.tenant);
  const written = callOf(target.ask, {
    ...valuesOf(seat, terms.environment),
    ...{
      token: bearer,
      prompt: promptIn(call),
      session: header(call.headers, SESSION_HEADER) ?? '',
    },
  });
  const answered = await exchange(
    terms,
    target.url,
    traces === undefined ? written : traced(written, traceId, spanId),
    target.ask.timeoutUs,
    () => hooks.hears(request),
  );
  const reply = answered.kind === 'failed' ? broken(terms, answered.why) : heard(terms, answered);
  if (reply.status === 200) traces?.answered(traceId);
  limits.see({
    ...{ tenant: seat.tenant, tier: seat.tier, sentUs: answered.sentUs },
    firstUs: answered.kind === 'answered' ? answered.firstUs : answered.endedUs,
    ...decisionOf(terms, answered),
  });
  return reply;
};

/** What the target decided, as far as its answer tells. */
const decisionOf = ({ target: { refused } }: TargetWireTerms, answered: Exchanged) => {
  if (answered.kind === 'failed') return { decided: 'unknown' } as const;
  const { status, body } = answered;
  if (status >= 200 && status < 300) return { decided: 'admitted' } as const;
  if (!refused.statuses.includes(status)) return { decided: 'unknown' } as const;
  return { decided: 'refused', by: limitNamed(body, refused) } as const;
};

const limitNamed = (body: string, { by }: Target['refused']): 'rate' | 'quota' | undefined => {
  if (by === undefined) return undefined;
  const [said] = answerText(body, { text: by.text, ...NO_USAGE }).pieces;
  if (said === undefined) return undefined;
  if (said === by.rate) return 'rate';
  return said === by.quota ? 'quota' : undefined;
};

const NO_USAGE = { events: false, inputTokens: undefined, outputTokens: undefined };

/** An answer as the harness keeps it: no secret in it but stand-ins, and a status that it knows. */
const heard = (terms: TargetWireTerms, answered: Answered): Reply => {
  const { target, tally } = terms;
  const { status } = answered;
  tally.status(status);
  const headers = keptHeaders(terms, answered.headers);
  const body = terms.standIns.written(answered.body);
  if (target.refused.statuses.includes(status)) return { status: 429, headers, body };
  if (status === 401 || status === 403) return { status, headers, body };
  if (status < 200 || status > 299) {
    tally.failed(`status ${status}`);
    // A call that the target does not understand is no refusal: nobody was served.
    return { status: status < 500 ? 502 : status, headers, body };
  }
  const text = answerText(answered.body, target.answer);
  tally.used(text);
  const pieces = terms.standIns.written(text.pieces.join(''));
  const why = answered.cut ?? text.malformed;
  if (why === undefined) tally.answered += 1;
  else tally.failed(answered.cut ?? `malformed answer: ${text.malformed}`);
  const mapped = { status: why === undefined ? 200 : 502, headers, body };
  return target.answer.events ? { ...mapped, chunks: [pieces] } : mapped;
};

const keptHeaders = ({ standIns, target }: TargetWireTerms, headers: Headers): Headers =>
  headers
    .map(([name, value]) => [name, standIns.written(value)] as const)
    .map(([name, value]) => [name === target.refused.retryAfter ? 'retry-after' : name, value]);

const broken = ({ tally, secrets, stop }: TargetWireTerms, why: string): Reply => {
  const said = stop.why ?? secrets.redacted(why);
  tally.failed(said);
  return cutReply(said);
};

const promptIn = ({ body }: Call): string => {
  const prompt = parsed(body)?.['prompt'];
  return typeof prompt === 'string' ? prompt : '';
};

/** W3C Trace Context: the harness is the parent of the target's first span. */
const traced = (call: Call, traceId: string, spanId: string): Call => ({
  ...call,
  headers: [...call.headers, ['traceparent', `00-${traceId}-${spanId}-01`]],
});
