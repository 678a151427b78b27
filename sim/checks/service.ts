// I10: does the entitled owner get its data, or an explicit error, and never a silent absence?

import { findCanaries } from '../domain/canary.ts';
import { entitled } from '../domain/entitlement.ts';
import { nameOf } from '../domain/finding.ts';
import type { Asked, Ended, Exchange, HistoryEvent, RequestFacts } from '../domain/history.ts';
import { isRecord, parsed } from '../domain/wire.ts';
import { type Check, type Known, letLine, Tally } from './check.ts';
import { gatewayBody } from './gateway-reply.ts';

/** A service may refuse the newest key for 10 s: an unknown key id makes it ask no oftener. */
const KEYS_SETTLE_US = 10_000_000;

export class Service implements Check {
  readonly #known: Known;
  readonly #tally: Tally;
  /** True once anybody was answered: a platform that gives nothing is not safe, it is broken. */
  #isServing = false;
  /** The error texts that tools gave in a request: an answer that shows one is explicit. */
  readonly #errors = new WeakMap<RequestFacts, string[]>();

  constructor(known: Known) {
    this.#known = known;
    this.#tally = new Tally('I10', known.recent);
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'exchange' && event.to === 'gateway') this.#toolAnswer(event);
    else if (event.kind === 'ended') this.#ended(event);
  }

  conclude() {
    return this.#tally.concludeIf(this.#isServing);
  }

  #toolAnswer(event: Exchange): void {
    if (event.request === undefined) return;
    const error = errorIn(event);
    if (error === undefined) return;
    const errors = this.#errors.get(event.request) ?? [];
    errors.push(error);
    this.#errors.set(event.request, errors);
  }

  #ended(event: Ended): void {
    const { request } = event;
    if (request?.probe?.expects === 'service') return this.#control(event, request);
    const { asks } = request ?? {};
    if (request === undefined || asks === undefined) return;
    this.#tally.evidence += 1;
    if (event.outcome === 'completed') this.#isServing = true;
    // A refusal or a failure says so itself.
    if (event.outcome !== 'completed' || asks.expects.length === 0) return;
    if (!this.#isEntitled(request, asks, event)) return;
    const seen = new Set(findCanaries(event.reply.body).map(({ facts }) => facts.serial));
    const missing = asks.expects.filter((serial) => !seen.has(serial));
    if (missing.length === 0) {
      this.#tally.controls += 1;
      return;
    }
    if (this.#isExplicit(request, event)) return;
    this.#tally.report({
      boundary: 'front-door',
      operation: asks.tool ?? 'recall',
      relation: 'same user',
      sink: 'answer',
      service: 'agent',
      event,
      title: 'an entitled owner did not get its data',
      let: [
        letLine(
          'E1',
          event,
          `${nameOf(request.principal)} asked for ${asks.tool ?? 'what was said before'} ${JSON.stringify(asks.input)} and was answered with ${event.reply.body.length} characters`,
        ),
      ],
      then: [
        `E1's caller is entitled to it, and the answer holds ${asks.expects.length - missing.length} of ${asks.expects.length} canaries of it.`,
        'However, the answer shows no error: a silent absence, and a contradiction.',
      ],
    });
  }

  /** Entitled when the table says so at both ends of the request. */
  #isEntitled(request: RequestFacts, asks: Asked, event: Ended): boolean {
    const { bearer, principal } = request;
    if (bearer?.standing !== 'good' || principal === undefined) return false;
    if (asks.tool === undefined) return true;
    const asker = { tier: bearer.tier, role: bearer.role, zone: principal.tenant.zone };
    const use = { tool: asks.tool, own: true };
    const table = this.#known.entitlements;
    return (
      entitled(table, asker, { ...use, atUs: event.startedUs }) &&
      entitled(table, asker, { ...use, atUs: event.atUs })
    );
  }

  #isExplicit(request: RequestFacts, event: Ended): boolean {
    const body = parsed(event.reply.body);
    // The asker set the bound, and the answer says that it was hit.
    if (body?.['truncated'] === true) return true;
    const answer = String(body?.['answer'] ?? '');
    return (this.#errors.get(request) ?? []).some((error) => answer.includes(error.slice(0, 80)));
  }

  /** A positive control: the owner gets what the stranger does not. */
  #control(event: Ended, request: RequestFacts): void {
    const { bearer } = request;
    if (bearer !== undefined && event.startedUs >= bearer.expiresUs) return;
    if (bearer !== undefined && this.#known.ledger.isRevoked(bearer, event.startedUs, 0)) return;
    if (this.#known.ledger.isRotating(event.startedUs, KEYS_SETTLE_US)) return;
    this.#tally.evidence += 1;
    if (event.outcome === 'completed') {
      this.#isServing = true;
      this.#tally.controls += 1;
    }
    // To be busy is an explicit error, and no judgement on who asks.
    if (event.outcome !== 'refused' || event.status === 429 || request.probe === undefined) return;
    this.#tally.report({
      boundary: request.probe.boundary,
      operation: request.probe.operation,
      relation: 'same user',
      sink: 'control',
      service: request.probe.boundary,
      event,
      title: 'the owner itself is refused',
      let: [
        letLine(
          'E1',
          event,
          `${nameOf(request.principal)} called ${request.probe.boundary} ${request.probe.operation} on its own data and got ${event.status}`,
        ),
      ],
      then: ['The owner must get what is its own, and E1 did not: a contradiction.'],
    });
  }
}

const errorIn = (event: Exchange): string | undefined => {
  const body = gatewayBody(event.reply);
  const error = body?.['error'];
  if (isRecord(error)) return String(error['message']);
  const result = body?.['result'];
  if (event.reply.status >= 300 || body === undefined) return 'the tool is not available';
  if (!isRecord(result) || result['isError'] !== true || !Array.isArray(result['content']))
    return undefined;
  const content: unknown = result['content'][0];
  return isRecord(content) ? String(content['text']) : undefined;
};
