// What would be sent to a target: one sign-in and one ask for each tenant, shown without a secret.

import type { DryRunStep } from '../domain/target-report.ts';
import type { Call } from '../domain/wire.ts';
import { answerText } from './answer.ts';
import { type Exchanged, type ExchangeTerms, exchange } from './exchange.ts';
import type { RateCap } from './safety.ts';
import type { Secrets } from './secrets.ts';
import { presentedBy, type Seat, signInCall, valuesOf } from './sessions.ts';
import type { Target } from './target.ts';
import { callOf } from './template.ts';

export interface DryRunTerms extends ExchangeTerms {
  readonly target: Target;
  readonly environment: ReadonlyMap<string, string>;
  readonly secrets: Secrets;
  readonly cap: RateCap;
}

/** Characters of a body that are shown. */
const SHOWN = 300;

/** Tries the first user of a tenant; `prompt` and `session` are what it says and where. */
export const dryRun = async (
  terms: DryRunTerms,
  seat: Seat,
  { prompt, session }: { readonly prompt: string; readonly session: string },
): Promise<DryRunStep> => {
  const { target, environment, secrets, cap } = terms;
  const shown: string[] = [];
  const step = (problem?: string): DryRunStep => ({
    ...{ tenant: seat.tenant, user: seat.user.name, shown },
    problem: problem === undefined ? null : secrets.redacted(problem),
  });
  const tell = (base: string, call: Call, answered: Exchanged, showsBody: boolean): void => {
    // Redacted before it is cut, so that no cut leaves half a secret.
    for (const each of [...callLines(base, call), ...answerLines(answered, showsBody)])
      shown.push(cut(secrets.redacted(each)));
  };
  let bearer = environment.get(seat.user.secret) ?? '';
  const prepared = signInCall(target, seat, environment);
  if (prepared !== undefined) {
    await cap.takeWhenFree();
    const answered = await exchange(terms, prepared.base, prepared.call, target.ask.timeoutUs);
    const presented = presentedBy(target.signIn, answered);
    if (presented.kind === 'signed-in') {
      bearer = presented.bearer;
      secrets.note(bearer, `${seat.tenant}/${seat.user.name}`);
    }
    // Besides the token there may be others in it, which nothing tells from other text.
    tell(prepared.base, prepared.call, answered, presented.kind === 'refused');
    if (presented.kind === 'refused') return step(presented.why);
  }
  await cap.takeWhenFree();
  const call = callOf(target.ask, {
    ...valuesOf(seat, environment),
    ...{ token: bearer, prompt, session },
  });
  const answered = await exchange(terms, target.url, call, target.ask.timeoutUs);
  tell(target.url, call, answered, true);
  const problem = problemOf(target, answered);
  if (problem === undefined && answered.kind === 'answered')
    shown.push(cut(`text   ${line(secrets.redacted(textOf(target, answered.body)))}`));
  return step(problem);
};

const textOf = (target: Target, body: string): string =>
  answerText(body, target.answer).pieces.join('');

const problemOf = (target: Target, answered: Exchanged): string | undefined => {
  if (answered.kind === 'failed') return answered.why;
  const { status, body } = answered;
  if (target.refused.statuses.includes(status)) return `refused with status ${status}`;
  if (status < 200 || status > 299) return `status ${status}`;
  return answered.cut ?? answerText(body, target.answer).malformed;
};

const callLines = (base: string, { method, path, headers, body }: Call): readonly string[] => [
  `sent   ${method} ${base}${path}`,
  ...headers.map(([name, value]) => `       ${name}: ${value}`),
  ...(body === '' ? [] : [`       ${line(body)}`]),
];

const answerLines = (answered: Exchanged, showsBody: boolean): readonly string[] => {
  if (answered.kind === 'failed') return [`came   nothing: ${answered.why}`];
  const ms = Math.round((answered.firstUs - answered.sentUs) / 1000);
  const body = answered.body === '' || !showsBody ? [] : [`       ${line(answered.body)}`];
  return [`came   ${answered.status} after ${ms} ms`, ...body];
};

const line = (text: string): string => text.replaceAll(/\s+/g, ' ');

const cut = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
