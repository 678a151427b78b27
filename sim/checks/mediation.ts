// I3: was every effect allowed beforehand, and was the decision the right one?

import { entitled } from '../domain/entitlement.ts';
import { nameOf, nameOfLabel, relationOf } from '../domain/finding.ts';
import type {
  Authorized,
  Decided,
  Ended,
  Exchange,
  HistoryEvent,
  RequestFacts,
  Stored,
} from '../domain/history.ts';
import {
  type Check,
  isIdentityProbe,
  type Known,
  letLine,
  readerOfRequest,
  Tally,
} from './check.ts';

/** What was allowed in one request so far. */
interface Allowed {
  /** Cedar's allows that no tool call has used yet: tool and input. */
  readonly tools: string[];
  /** Hops in which IAM allowed an access. */
  readonly hops: Set<number>;
}

/** No effect, but for 404: whoever says that there is no such thing has looked. */
const isRefusal = (status: number): boolean => status >= 400 && status !== 404;

export class Mediation implements Check {
  readonly #known: Known;
  readonly #tally: Tally;
  readonly #allowed = new WeakMap<RequestFacts, Allowed>();

  constructor(known: Known) {
    this.#known = known;
    this.#tally = new Tally('I3', known.recent);
  }

  see(event: HistoryEvent): void {
    switch (event.kind) {
      case 'decided':
        return this.#decided(event);
      case 'authorized':
        return this.#authorized(event);
      case 'exchange':
        return event.to === 'tools' ? this.#toolCall(event) : undefined;
      case 'stored':
        return this.#stored(event);
      case 'ended':
        return this.#ended(event);
      default:
    }
  }

  conclude() {
    return this.#tally.conclude();
  }

  #of(request: RequestFacts): Allowed {
    const known = this.#allowed.get(request);
    if (known !== undefined) return known;
    const allowed = { tools: [], hops: new Set<number>() };
    this.#allowed.set(request, allowed);
    return allowed;
  }

  /** Cedar's decision against the entitlement table, by the authority of the token presented. */
  #decided(event: Decided): void {
    const { request, question, decision } = event;
    if (request === undefined || decision === undefined) return;
    this.#tally.evidence += 1;
    const tool = question.action.replace(/^.*___/, '');
    const right = this.#isEntitled(request, tool, question.input, event.atUs);
    const allows = decision.decision === 'allow' && decision.errors.length === 0;
    if (allows) {
      this.#tally.controls += 1;
      this.#of(request).tools.push(`${tool} ${JSON.stringify(question.input)}`);
    }
    if (allows === right) return;
    const who = nameOf(request.principal);
    this.#tally.report({
      boundary: 'gateway',
      operation: tool,
      relation: request.probe?.relation ?? 'same user',
      service: 'policy',
      event,
      sink: allows ? 'allow' : 'deny',
      title: allows ? 'a policy allows what nobody is entitled to' : 'a policy denies the entitled',
      let: [
        letLine(
          'E1',
          event,
          `Cedar answered ${decision.decision} to ${who} for ${question.action} ${JSON.stringify(question.input)}`,
        ),
      ],
      then: [
        `E1 was decided by ${decision.determining.map((id) => `"${id}"`).join(', ') || 'no policy'}.`,
        `However, the entitlement table says ${right ? 'yes' : 'no'} for ${request.bearer?.tier ?? 'no tier'}, ${request.bearer?.role ?? 'no role'}, ${tool}: a contradiction.`,
      ],
    });
  }

  #isEntitled(
    request: RequestFacts,
    tool: string,
    input: Readonly<Record<string, unknown>>,
    atUs: number,
  ): boolean {
    const { bearer, principal } = request;
    if (bearer === undefined || bearer.standing !== 'good' || principal === undefined) return false;
    const asker = { tier: bearer.tier, role: bearer.role, zone: principal.tenant.zone };
    const own = input['clinic_id'] === bearer.clinic;
    return entitled(this.#known.entitlements, asker, { tool, own, atUs });
  }

  #authorized(event: Authorized): void {
    if (event.request === undefined) return;
    this.#tally.evidence += 1;
    if (event.decision?.kind === 'allowed') this.#of(event.request).hops.add(event.hop);
  }

  /** A tool that did something needs an allow of its own, for the same tool and the same input. */
  #toolCall(event: Exchange): void {
    const { request, call, reply } = event;
    if (request === undefined || isRefusal(reply.status)) return;
    this.#tally.evidence += 1;
    const { tools } = this.#of(request);
    const used = tools.indexOf(`${call.path.replace('/tools/', '')} ${call.body}`);
    if (used >= 0) {
      tools.splice(used, 1);
      return;
    }
    this.#tally.report({
      boundary: 'tools',
      operation: call.path.replace('/tools/', ''),
      relation: request.probe?.relation ?? 'same user',
      sink: 'tool effect',
      service: event.from,
      event,
      title: 'a tool ran without an allow',
      let: [
        letLine(
          'E1',
          event,
          `${event.from} had the tool ${call.path} run for ${nameOf(request.principal)}, status ${reply.status}`,
        ),
      ],
      then: [
        'No decision before E1 allowed that tool with that input to that caller: a contradiction.',
      ],
    });
  }

  /** A data access needs IAM's allow in the same hop, and items whose label the caller may read. */
  #stored(event: Stored): void {
    const { request } = event;
    if (request === undefined || request.kind === 'operate') return;
    this.#tally.evidence += 1;
    if (!this.#of(request).hops.has(event.hop)) {
      this.#tally.report({
        boundary: event.service,
        operation: event.operation,
        relation: 'same user',
        sink: 'store',
        service: event.service,
        event,
        title: "data was touched without IAM's allow",
        let: [
          letLine(
            'E1',
            event,
            `${event.service} did a ${event.operation} of ${event.store} for ${nameOf(request.principal)}`,
          ),
        ],
        then: ['IAM allowed no access in that call before E1: a contradiction.'],
      });
    }
    if (event.operation === 'put') return;
    const reader = readerOfRequest(request);
    for (const item of event.items) {
      if (this.#known.ledger.mayRead(item.owner, reader)) continue;
      const label = this.#known.ledger.labelOf(item.owner);
      this.#tally.report({
        boundary: event.service,
        operation: event.operation,
        relation: relationOf(request.principal, label),
        sink: 'store',
        service: event.service,
        event,
        title: 'an item was read for one who may not',
        let: [
          letLine(
            'E1',
            event,
            `${event.service} did a ${event.operation} of ${event.store} ${event.partition} for ${nameOf(request.principal)}`,
          ),
        ],
        then: [
          `E1 touched an item of ${nameOfLabel(label)}, who ${nameOf(request.principal)} is not: a contradiction.`,
        ],
      });
      return;
    }
  }

  #ended(event: Ended): void {
    const { probe, principal } = event.request ?? {};
    if (probe === undefined || probe.expects !== 'refusal' || isIdentityProbe(probe.kind)) return;
    this.#tally.evidence += 1;
    if (event.outcome !== 'completed') return;
    this.#tally.report({
      boundary: probe.boundary,
      operation: probe.operation,
      relation: probe.relation,
      sink: 'probe',
      service: probe.boundary,
      event,
      title: `the probe ${probe.kind} was let in`,
      let: [
        letLine(
          'E1',
          event,
          `${nameOf(principal)} called ${probe.boundary} ${probe.operation} as ${probe.relation} and got ${event.status}`,
        ),
      ],
      then: ['Whoever stands so to the owner must be refused, and E1 was not: a contradiction.'],
    });
  }
}
