// I7: was every bad token refused everywhere, and does every good one say the truth?

import { nameOf } from '../domain/finding.ts';
import type { Ended, Exchange, HistoryEvent } from '../domain/history.ts';
import type { BearerFacts } from '../domain/ledger.ts';
import { header, isRecord } from '../domain/wire.ts';
import { type Check, isIdentityProbe, type Known, letLine, Tally } from './check.ts';
import { gatewayBody } from './gateway-reply.ts';

const TAKES_BEARERS = new Set(['front-door', 'runtime', 'gateway', 'tools', 'credentials']);
/** A service may trust a key set for 5 minutes: the printed delay of a rotation. */
const KEYS_FRESH_US = 300_000_000;

export class Identity implements Check {
  readonly #known: Known;
  readonly #tally: Tally;
  /** The incarnation that each of the platform's tenant names stands for, and back. */
  readonly #names = new Map<string, string>();

  constructor(known: Known) {
    this.#known = known;
    this.#tally = new Tally('I7', known.recent);
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'exchange') {
      if (TAKES_BEARERS.has(event.to)) this.#presented(event);
    } else if (event.kind === 'ended') this.#probed(event);
    else if (event.kind === 'arrived' && event.request?.bearer !== undefined) this.#named(event);
  }

  conclude() {
    return this.#tally.conclude();
  }

  /** A token that is unknown, forged or past its exp at entry opens nothing. */
  #presented(event: Exchange): void {
    const authorization = header(event.call.headers, 'authorization') ?? '';
    const facts = this.#factsOf(authorization, event.request?.bearer);
    const good =
      facts?.standing === 'good' &&
      event.startedUs < facts.expiresUs &&
      !this.#known.ledger.isRevoked(facts, event.startedUs, KEYS_FRESH_US);
    const accepted = succeeded(event);
    if (good) {
      if (accepted) this.#tally.controls += 1;
      return;
    }
    this.#tally.evidence += 1;
    if (!accepted) return;
    const what =
      authorization === ''
        ? 'no token'
        : facts === undefined
          ? 'an unknown token'
          : facts.standing === 'forged'
            ? `a token (${event.request?.probe?.kind ?? 'forged'})`
            : 'an expired token';
    this.#tally.report({
      boundary: event.to,
      operation: event.request?.probe?.operation ?? 'invoke',
      relation: 'outsider',
      sink: event.request?.probe?.kind ?? what,
      service: event.to,
      event,
      title: `${event.to} accepted ${what}`,
      let: [
        letLine(
          'E1',
          event,
          `${event.from} called ${event.to} with ${what} and got ${event.reply.status}`,
        ),
      ],
      then: ['Such a token is refused everywhere, and E1 was served: a contradiction.'],
    });
  }

  /** Nearly always it is the request's own token, which one comparison tells. */
  #factsOf(authorization: string, own: BearerFacts | undefined): BearerFacts | undefined {
    // The case of the scheme tells nothing (RFC 9110, section 11.1).
    const text = authorization.replace(/^bearer +/i, '');
    return own?.text === text ? own : this.#known.ledger.bearer(text);
  }

  #probed(event: Ended): void {
    const { probe } = event.request ?? {};
    if (probe === undefined || !isIdentityProbe(probe.kind)) return;
    this.#tally.evidence += 1;
    if (event.outcome !== 'completed') return;
    this.#tally.report({
      boundary: probe.boundary,
      operation: probe.operation,
      relation: probe.relation,
      sink: probe.kind,
      service: probe.boundary,
      event,
      title: `the probe ${probe.kind} was let in`,
      let: [
        letLine(
          'E1',
          event,
          `a stranger called ${probe.boundary} ${probe.operation} and got ${event.status}`,
        ),
      ],
      then: ['It must be refused, and E1 was not: a contradiction.'],
    });
  }

  /** One name of a tenant, one incarnation: the token of one life never speaks for another. */
  #named(event: HistoryEvent): void {
    const { bearer, principal } = event.request ?? {};
    if (bearer?.standing !== 'good' || principal === undefined) return;
    this.#tally.evidence += 1;
    const stands = this.#names.get(bearer.clinic);
    if (stands === undefined) this.#names.set(bearer.clinic, bearer.tenant);
    if (stands === undefined || stands === bearer.tenant) return;
    this.#tally.report({
      boundary: 'identity',
      operation: 'sign in',
      relation: 'other incarnation',
      sink: 'claims',
      service: 'identity',
      event,
      title: 'a token names another tenant',
      let: [
        letLine(
          'E1',
          event,
          `${nameOf(principal)} came with a token for the tenant \`${bearer.clinic}\``,
        ),
      ],
      then: [
        `\`${bearer.clinic}\` stands for ${stands}, and E1's caller belongs to ${bearer.tenant}: a contradiction.`,
      ],
    });
  }
}

const succeeded = (event: Exchange): boolean => {
  if (event.reply.status >= 300) return false;
  if (event.to !== 'gateway') return true;
  const result = gatewayBody(event.reply)?.['result'];
  return isRecord(result) && result['isError'] !== true;
};
