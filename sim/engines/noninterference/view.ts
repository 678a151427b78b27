// What does an observer see of a run: how each of its users' moves ended, when, and after how long.

import { withoutCanaries } from '../../domain/canary.ts';
import type { Ended, HistoryEvent, Observer } from '../../domain/history.ts';
import type { Principal } from '../../domain/principal.ts';
import { header } from '../../domain/wire.ts';
import type { Observation } from '../../scenario/schema.ts';

/** How one move of an observer ended. */
export interface Seen {
  /** What was asked. */
  readonly sent: string;
  readonly status: number;
  readonly body: string;
  /** The `authorization` that was presented; empty without one. */
  readonly presented: string;
  readonly beganUs: number;
  /** From then to its end. */
  readonly tookUs: number;
  readonly event: Ended;
  /** True when another request of the same user ran at the same time: their order is a race of their own. */
  readonly raced: boolean;
  /** True when another request of the same tenant did. */
  readonly crowded: boolean;
}

interface Race {
  readonly tenant: string;
  readonly user: string;
  readonly arrivedUs: number;
  raced: boolean;
  crowded: boolean;
}

/** In the order of the endings. `plain` turns names of the second run into those of the first. */
export class View implements Observer {
  /** By user and number of the move. */
  readonly seen = new Map<string, Seen>();
  /** Every `authorization` that somebody else presented. */
  readonly presentedByOthers = new Set<string>();
  readonly #whose: Observation;
  readonly #plain: (text: string) => string;
  readonly #running = new Map<number, Race>();
  readonly #sent = new Map<number, Pick<Seen, 'sent' | 'presented'>>();

  constructor(whose: Observation, plain: (text: string) => string = (text) => text) {
    this.#whose = whose;
    this.#plain = plain;
  }

  see(event: HistoryEvent): void {
    const { request } = event;
    const isSent = event.kind === 'exchange' && event.parent === 0;
    const presented = isSent ? (header(event.call.headers, 'authorization') ?? '') : '';
    if (!this.#isOwn(request?.principal)) {
      if (presented !== '') this.presentedByOthers.add(presented);
      return;
    }
    if (request?.move === undefined || request.principal === undefined) return;
    const { tenant, membership } = request.principal;
    if (event.kind === 'arrived')
      this.#begin(request.number, { tenant: tenant.id, user: membership }, event.atUs);
    if (isSent) {
      const sent = this.#comparable(`${event.call.path} ${event.call.body}`);
      this.#sent.set(request.number, { sent, presented });
    }
    if (event.kind !== 'ended') return;
    const { raced = false, crowded = false, arrivedUs } = this.#running.get(request.number) ?? {};
    this.#running.delete(request.number);
    const { status, reply } = event;
    const call = this.#sent.get(request.number) ?? { sent: '', presented: '' };
    this.#sent.delete(request.number);
    const beganUs = arrivedUs ?? event.atUs;
    const tookUs = event.atUs - beganUs;
    const body = this.#comparable(reply.body);
    this.seen.set(`${membership} ${request.move}`, {
      ...{ ...call, status, body, beganUs, tookUs, event, raced, crowded },
    });
  }

  #isOwn(principal: Principal | undefined): boolean {
    if (principal === undefined || !this.#whose.tenants.includes(principal.tenant.id)) return false;
    return this.#whose.user === undefined || this.#whose.user === principal.user;
  }

  #begin(number: number, who: Pick<Race, 'tenant' | 'user'>, arrivedUs: number): void {
    const others = [...this.#running.values()].filter(({ tenant }) => tenant === who.tenant);
    const race: Race = { ...who, arrivedUs, raced: false, crowded: others.length > 0 };
    for (const other of others) {
      other.crowded = true;
      if (other.user === who.user) other.raced = race.raced = true;
    }
    this.#running.set(number, race);
  }

  /** Canaries are numbered over all tenants, and a clock may be read out: neither is the platform's word. */
  #comparable(text: string): string {
    return this.#plain(
      withoutCanaries(text)
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, 'instant')
        // Ids that are drawn at an instant, and instants in microseconds.
        .replace(/IQoJ[0-9a-f]{60}\w*|mem-[0-9a-f]{40}|\b\d{16}(?:#[0-9a-f]{8})?\b/g, 'drawn'),
    );
  }
}
