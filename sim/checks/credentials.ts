// I4: were credentials used by their own caller alone, and never after their end?

import { nameOf } from '../domain/finding.ts';
import type { Authorized, Ended, Exchange, HistoryEvent } from '../domain/history.ts';
import { parsed } from '../domain/wire.ts';
import { type Check, clockText, type Known, letLine, Tally } from './check.ts';

export class CredentialUse implements Check {
  readonly #known: Known;
  readonly #tally: Tally;

  constructor(known: Known) {
    this.#known = known;
    this.#tally = new Tally('I4', known.recent);
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'authorized') this.#used(event);
    else if (event.kind === 'exchange' && event.to === 'credentials') this.#vended(event);
    else if (event.kind === 'ended') this.#ended(event);
  }

  conclude() {
    return this.#tally.conclude();
  }

  #used(event: Authorized): void {
    const { request, question, decision } = event;
    if (request === undefined || decision?.kind !== 'allowed') return;
    this.#tally.evidence += 1;
    const facts = this.#known.ledger.credentials(question.sessionToken);
    if (facts === undefined)
      return this.#report(
        event,
        'unknown',
        'the harness never saw these credentials leave the token vending machine',
      );
    if (facts.owner === undefined || facts.owner.membership !== request.principal?.membership) {
      return this.#report(event, 'borrowed', `they were vended to ${nameOf(facts.owner)}`);
    }
    const { bearer } = request;
    if (bearer?.standing === 'good' && (facts.tier !== bearer.tier || facts.role !== bearer.role)) {
      const were = `${facts.tier} and ${facts.role}`;
      const is = `${bearer.tier} and ${bearer.role}`;
      return this.#report(
        event,
        'outdated',
        `they were vended to ${were}, and the caller is ${is}`,
      );
    }
    if (event.atUs >= facts.dueUs)
      return this.#report(event, 'expired', `they ended at ${clockText(facts.dueUs)}`);
    this.#tally.controls += 1;
  }

  #report(event: Authorized, sink: string, why: string): void {
    const who = nameOf(event.request?.principal);
    this.#tally.report({
      boundary: event.service,
      operation: event.question.action,
      relation: 'same user',
      sink,
      service: event.service,
      event,
      title: `${sink} credentials opened data`,
      let: [
        letLine(
          'E1',
          event,
          `${event.service} allowed ${event.question.action} on credentials used for ${who}`,
        ),
      ],
      then: [`However, ${why}: a contradiction.`],
    });
  }

  /** No credentials may outlive the token that they were vended for. */
  #vended(event: Exchange): void {
    if (event.reply.status !== 200) return;
    this.#tally.evidence += 1;
    const body = parsed(event.reply.body);
    const facts = this.#known.ledger.credentials(String(body?.['SessionToken']));
    if (facts !== undefined && Number(body?.['ExpirationUs']) <= facts.dueUs) return;
    this.#tally.report({
      boundary: 'credentials',
      operation: 'vend',
      relation: 'same user',
      sink: 'expiry',
      service: 'credentials',
      event,
      title: 'credentials outlive their token',
      let: [
        letLine('E1', event, `credentials were vended for ${nameOf(event.request?.principal)}`),
      ],
      then: [
        `E1 ends at ${clockText(Number(body?.['ExpirationUs']))}, after the earlier of 900 s and the token's exp: a contradiction.`,
      ],
    });
  }

  /** A suspended or closed tenant's request that began after the change must not complete. Printed delay: none. */
  #ended(event: Ended): void {
    const { request } = event;
    const { principal } = request ?? {};
    if (request === undefined || principal === undefined || request.kind === 'sign-in') return;
    if (request.asks === undefined) return;
    const { tenant } = principal;
    if (tenant.status === 'active' || tenant.changedUs > event.startedUs) return;
    this.#tally.evidence += 1;
    if (event.outcome !== 'completed') return;
    this.#tally.report({
      boundary: 'front-door',
      operation: 'invoke',
      relation: 'same user',
      sink: tenant.status,
      service: 'front-door',
      event,
      title: `a ${tenant.status} tenant was served`,
      let: [
        letLine(
          'E1',
          event,
          `${nameOf(principal)} asked at ${clockText(event.startedUs)} and was answered`,
        ),
      ],
      then: [
        `The tenant was ${tenant.status} at ${clockText(tenant.changedUs)}, before E1 began: a contradiction.`,
      ],
    });
  }
}
