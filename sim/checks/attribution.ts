// I5: does every span, log line, charge and baggage member name the caller, and is every token charged?

import { nameOf } from '../domain/finding.ts';
import type { Emitted, Exchange, HistoryEvent, Metered, RequestFacts } from '../domain/history.ts';
import { header, parsed } from '../domain/wire.ts';
import { type Check, type Known, letLine, Tally } from './check.ts';

/** Hosts beyond the trust boundary: no baggage and no trace goes there. */
const OUTSIDE = new Set(['model', 'web']);

export class Attribution implements Check {
  readonly #tally: Tally;
  /** Tokens metered and not yet charged, by request number; settled requests are dropped. */
  readonly #uncharged = new Map<
    number,
    { input: number; output: number; event: Metered | Emitted }
  >();
  readonly #baggage = new Map<string, ReadonlyMap<string, string>>();

  constructor(known: Known) {
    this.#tally = new Tally('I5', known.recent);
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'exchange') this.#exchange(event);
    else if (event.kind === 'emitted') this.#emitted(event);
    else if (event.kind === 'metered') this.#settle(event, event.inputTokens, event.outputTokens);
  }

  conclude() {
    for (const { input, output, event } of this.#uncharged.values()) {
      this.#report(event, 'usage', 'what was metered is not what was charged', [
        `The model host metered ${input} input and ${output} output tokens more than were charged: a contradiction.`,
      ]);
    }
    this.#uncharged.clear();
    return this.#tally.conclude();
  }

  #exchange(event: Exchange): void {
    // What a driver or an attacker sends is no word of the platform's.
    if (event.parent === 0 || event.request === undefined) return;
    const text = header(event.call.headers, 'baggage');
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
      const line = parsed(record.line);
      if (line?.['tenant'] === undefined) return;
      this.#tally.evidence += 1;
      if (request.bearer?.standing === 'good' && line['tenant'] !== request.bearer.clinic) {
        this.#report(event, 'log', 'a log line names another tenant', [
          `E1 names \`${String(line['tenant'])}\`, its caller is of \`${request.bearer.clinic}\`: a contradiction.`,
        ]);
      }
      return;
    }
    this.#span(event, request);
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
    this.#settle(event, -usage.inputTokens, -usage.outputTokens);
    // What a forged token was served as is for I7 to say.
    if (bearer?.standing !== 'good') return;
    if (usage.tenant === bearer.clinic && usage.user === bearer.sub && usage.tier === bearer.tier)
      return;
    this.#report(event, 'usage', 'a charge names another caller', [
      `E1 charges ${usage.user} of \`${usage.tenant}\`, its caller is ${bearer.sub} of \`${bearer.clinic}\`: a contradiction.`,
    ]);
  }

  #settle(event: Metered | Emitted, input: number, output: number): void {
    const number = event.request?.number ?? 0;
    const open = this.#uncharged.get(number) ?? { input: 0, output: 0, event };
    open.input += input;
    open.output += output;
    if (open.input === 0 && open.output === 0) this.#uncharged.delete(number);
    else this.#uncharged.set(number, open);
  }

  #decoded(text: string): ReadonlyMap<string, string> {
    const known = this.#baggage.get(text);
    if (known !== undefined) return known;
    const members = new Map(
      text.split(',').map((member): [string, string] => {
        const [name, value] = (member.split(';')[0] ?? '').split('=');
        return [decodeURIComponent((name ?? '').trim()), decodeURIComponent((value ?? '').trim())];
      }),
    );
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
