// I1: did a secret reach someone who is not among its readers?

import { findCanaries, type Sighting } from '../domain/canary.ts';
import { nameOf, nameOfLabel, relationOf } from '../domain/finding.ts';
import type { Emitted, Exchange, HistoryEvent } from '../domain/history.ts';
import type { Reader } from '../domain/label.ts';
import { secretIn } from '../domain/secret-text.ts';
import type { Headers } from '../domain/wire.ts';
import { type Check, type Known, letLine, readerOfRequest, Tally } from './check.ts';

const CLEAN_MAX = 4096;
/** No canary is shorter in any spelling. */
const SHORTEST = 30;
/** Shorter texts are scanned faster than they are looked up. */
const LOOKED_UP = 64;
/** Sinks of what is answered, not of what is asked. */
const CAME_BACK: ReadonlySet<string> = new Set(['answer', 'reply', 'header']);

/**
 * Every body, path and header that crosses a door is scanned for canaries: all readers of the sink
 * must be readers of the label. Telemetry, baggage and charges may hold no canary and no bearer token
 * at all. A streamed reply is judged whole, as its receiver gets it, so that a chunk border hides
 * nothing.
 */
export class NoFlow implements Check {
  readonly #known: Known;
  readonly #tally: Tally;
  /** What the operator may see: attributes without content or secret, the same again and again. */
  readonly #clean = new Set<string>();
  /** Headers without any canary. */
  readonly #blank = new Set<string>();
  /** Canaries of the asker's own data that went to the outside web: counted, not judged. */
  egress = 0;
  /** The asker's own canaries in what came back: without any, a leak might not have shown either. */
  returned = 0;

  constructor(known: Known) {
    this.#known = known;
    this.#tally = new Tally('I1', known.recent);
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'exchange') this.#exchange(event);
    else if (event.kind === 'emitted') this.#emitted(event);
  }

  conclude() {
    return this.#tally.conclude();
  }

  #exchange(event: Exchange): void {
    const { request, call, reply } = event;
    if (request === undefined) return;
    const reader = readerOfRequest(request);
    this.#tally.evidence += 1;
    if (call.body.length > 0) this.#scan(event, call.body, reader, sinkOf(event));
    this.#scan(event, call.path, reader, sinkOf(event));
    this.#scan(event, reply.body, reader, event.from === 'internet' ? 'answer' : 'reply');
    // A platform may stream something else than the body that it tells of.
    const streamed = reply.chunks?.join('') ?? reply.body;
    if (streamed !== reply.body)
      this.#scan(event, streamed, reader, event.from === 'internet' ? 'answer' : 'reply');
    this.#secrets(event, streamed);
    this.#headers(event, reply.headers, reader, 'header');
    this.#headers(event, call.headers, reader, 'request header');
    // Baggage goes wherever calls go, and into telemetry there. An attacker's own is no word of the
    // platform's.
    if (event.parent === 0) return;
    for (const [name, value] of call.headers)
      if (name === 'baggage') this.#operators(event, value, name);
  }

  /** Names, too: what may not stand in a value may stand there even less. */
  #headers(event: Exchange, headers: Headers, reader: Reader, sink: string): void {
    for (const header of headers) {
      for (const text of header) {
        if (text.length < SHORTEST || this.#blank.has(text)) continue;
        const isBlank = this.#scan(event, text, reader, sink) === 0;
        // A short text, e.g. a trace's, is not worth the place.
        if (isBlank && text.length > LOOKED_UP) keep(this.#blank, text);
      }
    }
  }

  /** Gives the number of canaries. */
  #scan(event: Exchange, text: string, reader: Reader, sink: string): number {
    const sightings = findCanaries(text);
    for (const sighting of sightings) {
      if (!this.#known.ledger.mayRead(sighting.facts.owner, reader))
        this.#leak(event, sighting, sink);
      else {
        if (CAME_BACK.has(sink)) this.returned += 1;
        if (event.to === 'web') this.egress += 1;
        else this.#tally.controls += 1;
      }
    }
    return sightings.length;
  }

  /** Bearer tokens and credentials are for their addressee alone, and never leave by an answer. */
  #secrets(event: Exchange, streamed: string): void {
    const { call, reply } = event;
    if (event.from === 'internet' && event.to !== 'identity' && event.to !== 'credentials') {
      this.#secret(event, reply.body, 'answer');
      if (streamed !== reply.body) this.#secret(event, streamed, 'answer');
      for (const [, value] of reply.headers) this.#secret(event, value, 'header');
    }
    if (event.to !== 'model' && event.to !== 'web') return;
    // Credentials that a caller brings to the model's door are for the door, which takes them off.
    if (event.parent === 0) return;
    this.#secret(event, call.body, 'prompt');
    this.#secret(event, call.path, 'prompt');
    for (const [name, value] of call.headers)
      if (name !== 'authorization') this.#secret(event, value, 'header');
  }

  #secret(event: Exchange | Emitted, text: string, sink: string): void {
    const what = secretIn(text);
    if (what === undefined) return;
    const boundary = event.kind === 'exchange' ? event.to : event.service;
    this.#tally.report({
      boundary,
      operation: sink,
      relation: 'anyone',
      sink,
      service: boundary,
      event,
      title: `${what} in ${sink === 'answer' ? 'an answer' : `a ${sink}`}`,
      let: [letLine('E1', event, `${boundary} wrote ${what} into its ${sink}`)],
      then: [`E1 shows ${what} to readers who are not its addressee: a contradiction.`],
    });
  }

  #emitted(event: Emitted): void {
    this.#tally.evidence += 1;
    const { record } = event;
    if (record.kind === 'log') return this.#telemetry(event, record.line, 'log');
    if (record.kind === 'usage') {
      const { tier, tenant, user, modelId } = record.usage;
      for (const text of [tier, tenant, user, modelId]) this.#operators(event, text, 'charge');
      return;
    }
    this.#telemetry(event, record.name, 'span');
    for (const [name, value] of Object.entries(record.attributes)) {
      this.#operators(event, name, 'span');
      // An attribute may be a list or a map of texts, too.
      const text = typeof value === 'object' ? JSON.stringify(value) : value;
      if (typeof text === 'string') this.#operators(event, text, 'span');
    }
  }

  /** What the operator reads, of which most is known to be clean. */
  #operators(event: Emitted | Exchange, text: string, sink: string): void {
    if (this.#clean.has(text)) return;
    const { reported } = this.#tally;
    this.#telemetry(event, text, sink);
    if (this.#tally.reported === reported) keep(this.#clean, text);
  }

  #telemetry(event: Emitted | Exchange, text: string, sink: string): void {
    this.#secret(event, text, sink);
    const writer = writerOf(event);
    for (const sighting of findCanaries(text)) {
      const label = this.#known.ledger.labelOf(sighting.facts.owner);
      this.#tally.report({
        boundary: writer,
        operation: sink,
        relation: 'operator',
        sink,
        service: writer,
        event,
        title: `content in a ${sink}`,
        let: [
          letLine(
            'E1',
            event,
            `${writer} wrote a ${sighting.facts.kind} of ${nameOfLabel(label)} into a ${sink}`,
          ),
        ],
        then: ['Telemetry holds no content, and E1 does: a contradiction.'],
      });
    }
  }

  #leak(event: Exchange, sighting: Sighting, sink: string): void {
    const { principal } = event.request ?? {};
    const label = this.#known.ledger.labelOf(sighting.facts.owner);
    const owner = nameOfLabel(label);
    const { kind } = sighting.facts;
    this.#tally.report({
      boundary: event.to,
      operation: event.request?.probe?.operation ?? event.request?.origin ?? '',
      sink,
      relation: relationOf(principal, label),
      service: event.to,
      event,
      title: `a ${kind} reached a ${sink} of ${relationOf(principal, label) === 'outsider' ? 'an outsider' : `one who is ${relationOf(principal, label)}`}`,
      let: [
        `E1 = earlier  ${owner} may read the ${kind} with the canary ${sighting.facts.serial}`,
        letLine(
          'E2',
          event,
          `${nameOf(principal)} had ${event.from} call ${event.to} (${event.call.method} ${event.call.path.slice(0, 60)})`,
        ),
      ],
      then: [
        `E2 carried what E1 says, as ${sighting.form} text, in its ${sink}.`,
        `However, ${nameOf(principal)} is not among the readers of E1: a contradiction.`,
      ],
    });
  }
}

const keep = (texts: Set<string>, text: string): void => {
  if (texts.size >= CLEAN_MAX) texts.clear();
  texts.add(text);
};

/** Who wrote what the operator reads: a caller its baggage, a service all else. */
const writerOf = (event: Emitted | Exchange): string =>
  event.kind === 'exchange' ? event.from : event.service;

const sinkOf = (event: Exchange): string => {
  if (event.to === 'model') return 'prompt';
  if (event.to === 'web') return 'web search';
  return event.to === 'tools' || event.to === 'gateway' ? 'argument' : 'call';
};
