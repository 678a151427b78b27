// I5: does every span, log line, charge and baggage member name the caller, and is every token charged?

import { nameOf } from '../domain/finding.ts';
import type { Emitted, Exchange, HistoryEvent, Metered, RequestFacts } from '../domain/history.ts';
import type { UsageRecord } from '../domain/ports.ts';
import { listedMicroUsd } from '../domain/price.ts';
import { type Headers, header, parsed } from '../domain/wire.ts';
import { type Check, type Known, letLine, Tally } from './check.ts';

/** Hosts beyond the trust boundary: no baggage and no trace goes there. */
const OUTSIDE = new Set(['model', 'web']);

/** Input and output tokens. */
type Tokens = readonly [input: number, output: number];

/** What one request owes for one model. */
interface Account {
  readonly modelId: string;
  readonly event: Metered | Emitted;
  metered: Tokens;
  charged: Tokens;
}

export class Attribution implements Check {
  readonly #known: Known;
  readonly #tally: Tally;
  /** By request number and model; settled accounts are dropped. */
  readonly #open = new Map<string, Account>();
  /** Requests under way: what they owe may still be charged. */
  readonly #running = new Set<RequestFacts>();
  readonly #baggage = new Map<string, ReadonlyMap<string, string>>();

  constructor(known: Known) {
    this.#known = known;
    this.#tally = new Tally('I5', known.recent);
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'exchange') this.#exchange(event);
    else if (event.kind === 'emitted') this.#emitted(event);
    else if (event.kind === 'metered') this.#metered(event);
    else if (event.request !== undefined) {
      if (event.kind === 'arrived') this.#running.add(event.request);
      else if (event.kind === 'ended') this.#running.delete(event.request);
    }
  }

  conclude() {
    for (const { modelId, event, metered, charged } of this.#open.values()) {
      // A run that was stopped, or one that stalls, leaves requests whose charges nobody can know.
      if (event.request !== undefined && this.#running.has(event.request)) continue;
      this.#report(event, 'usage', 'what was metered is not what was charged', [
        `Of \`${modelId}\` the model host metered ${metered.join(' + ')} input and output tokens for E1's request, and ${charged.join(' + ')} were charged: a contradiction.`,
      ]);
    }
    this.#open.clear();
    return this.#tally.conclude();
  }

  #exchange(event: Exchange): void {
    // What a driver or an attacker sends is no word of the platform's.
    if (event.parent === 0 || event.request === undefined) return;
    const text = baggageIn(event.call.headers);
    if (OUTSIDE.has(event.to)) {
      this.#tally.evidence += 1;
      if (text === undefined && header(event.call.headers, 'traceparent') === undefined) return;
      return this.#report(event, 'baggage', 'baggage left the trust boundary', [
        `E1 carried baggage or a trace to ${event.to}, beyond the trust boundary: a contradiction.`,
      ]);
    }
    if (text === undefined) return;
    this.#tally.evidence += 1;
    const members = this.#decoded(text);
    this.#compare(event, event.request, 'baggage', (name) => members.get(name));
  }

  #emitted(event: Emitted): void {
    const { record, request } = event;
    if (request === undefined) return;
    if (record.kind === 'usage') return this.#usage(event, request);
    if (request.principal === undefined) return;
    if (record.kind === 'log') {
      return this.#log(event, request, record.line);
    }
    this.#span(event, request);
  }

  /** A line that names somebody names the caller. */
  #log(event: Emitted, { bearer }: RequestFacts, text: string): void {
    const line = parsed(text);
    if (line?.['tenant'] === undefined) return;
    this.#tally.evidence += 1;
    if (bearer?.standing !== 'good') return;
    const { tenant, tier = bearer.tier } = line;
    if (tenant === bearer.clinic && tier === bearer.tier) return;
    this.#report(event, 'log', 'a log line names another caller', [
      `E1 names \`${String(tenant)}\`, \`${String(tier)}\`, its caller is of \`${bearer.clinic}\`, \`${bearer.tier}\`: a contradiction.`,
    ]);
  }

  /** In an honest request's chain every span that did not refuse names the caller, from first hop to last. */
  #span(event: Emitted, request: RequestFacts): void {
    if (event.record.kind !== 'span' || event.record.service === 'identity') return;
    const { attributes } = event.record;
    const refused = Number(attributes['http.response.status_code']) >= 400;
    if (attributes['tenant.id'] === undefined && (refused || request.kind !== 'ask')) return;
    this.#tally.evidence += 1;
    this.#compare(event, request, 'span', (name) => attributes[name]);
  }

  #compare(
    event: Exchange | Emitted,
    request: RequestFacts,
    sink: string,
    member: (name: string) => unknown,
  ): void {
    const { bearer } = request;
    if (bearer?.standing !== 'good') return;
    const wanted = [
      ['tenant.id', bearer.clinic],
      ['tenant.tier', bearer.tier],
      ['tenant.scope', bearer.role],
    ] as const;
    for (const [name, value] of wanted) {
      if (member(name) === value) continue;
      const shown = member(name) === undefined ? 'nobody' : `\`${String(member(name))}\``;
      return this.#report(event, sink, `a ${sink} does not name its caller`, [
        `E1's ${name} names ${shown}, its caller is \`${value}\`: a contradiction.`,
      ]);
    }
    this.#tally.controls += 1;
  }

  #usage(event: Emitted, request: RequestFacts): void {
    if (event.record.kind !== 'usage') return;
    this.#tally.evidence += 1;
    const { usage } = event.record;
    const { bearer } = request;
    const account = this.#accountOf(event, usage.modelId);
    account.charged = sum(account.charged, usage);
    this.#settle(account);
    this.#price(event, usage);
    // What a forged token was served as is for I7 to say.
    if (bearer?.standing !== 'good') return;
    if (usage.tenant === bearer.clinic && usage.user === bearer.sub && usage.tier === bearer.tier)
      return;
    this.#report(event, 'usage', 'a charge names another caller', [
      `E1 charges ${usage.user} of \`${usage.tenant}\`, its caller is ${bearer.sub} of \`${bearer.clinic}\`: a contradiction.`,
    ]);
  }

  #price(event: Emitted, usage: UsageRecord): void {
    const { modelId, inputTokens, outputTokens, costMicroUsd } = usage;
    const listed = listedMicroUsd(modelId, inputTokens, outputTokens);
    if (listed === undefined || listed === costMicroUsd) return;
    this.#report(event, 'price', 'a charge is not by the list', [
      `E1 charges ${costMicroUsd} micro-dollars for ${inputTokens} + ${outputTokens} tokens of \`${modelId}\`, which cost ${listed}: a contradiction.`,
    ]);
  }

  /** Whoever is answered by another model than the tier's own costs more, or gets less, than was bought. */
  #metered(event: Metered): void {
    this.#tally.evidence += 1;
    const account = this.#accountOf(event, event.modelId);
    account.metered = sum(account.metered, event);
    this.#settle(account);
    const { bearer } = event.request ?? {};
    if (bearer?.standing !== 'good') return;
    const bought = this.#known.modelOf(bearer.tier);
    if (bought === undefined || bought === event.modelId) return;
    this.#report(event, 'model', "a model answered that is not the tier's", [
      `\`${event.modelId}\` metered E1, and the tier of its caller, \`${bearer.tier}\`, has \`${bought}\`: a contradiction.`,
    ]);
  }

  #accountOf(event: Metered | Emitted, modelId: string): Account {
    const key = `${event.request?.number} ${modelId}`;
    const open = this.#open.get(key) ?? { modelId, event, metered: [0, 0], charged: [0, 0] };
    this.#open.set(key, open);
    return open;
  }

  #settle({ modelId, event, metered, charged }: Account): void {
    if (metered[0] === charged[0] && metered[1] === charged[1])
      this.#open.delete(`${event.request?.number} ${modelId}`);
  }

  #decoded(text: string): ReadonlyMap<string, string> {
    const known = this.#baggage.get(text);
    if (known !== undefined) return known;
    const members = new Map<string, string>();
    for (const member of text.split(',')) {
      const [name = '', value = ''] = (member.split(';')[0] ?? '').split('=').map(decoded);
      const before = members.get(name);
      // Who reads one of two that differ names another than who reads the other.
      members.set(name, before === undefined || before === value ? value : `${before}, ${value}`);
    }
    if (this.#baggage.size > 4096) this.#baggage.clear();
    this.#baggage.set(text, members);
    return members;
  }

  #report(
    event: Exchange | Emitted | Metered,
    sink: string,
    title: string,
    then: readonly string[],
  ): void {
    const service =
      event.kind === 'exchange' ? event.from : event.kind === 'emitted' ? event.service : 'model';
    this.#tally.report({
      boundary: service,
      operation: event.kind,
      relation: 'same user',
      sink,
      service,
      event,
      title,
      then,
      let: [
        letLine('E1', event, `${service} wrote ${sink} for ${nameOf(event.request?.principal)}`),
      ],
    });
  }
}

/** All baggage of a call: a header that is repeated is one list. */
const baggageIn = (headers: Headers): string | undefined => {
  let all: string | undefined;
  for (const [name, value] of headers)
    if (name === 'baggage') all = all === undefined ? value : `${all},${value}`;
  return all;
};

/** What no decoder can read stands as it is. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
};

const sum = (
  [input, output]: Tokens,
  more: { readonly inputTokens: number; readonly outputTokens: number },
): Tokens => [input + more.inputTokens, output + more.outputTokens];
