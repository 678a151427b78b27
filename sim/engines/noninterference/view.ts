// What does an observer see of a run: how each of its users' moves ended, when, and after how long.

import { withoutCanaries } from '../../domain/canary.ts';
import type { Ended, HistoryEvent, Observer } from '../../domain/history.ts';
import type { Observation } from '../../scenario/schema.ts';

/** How one move of an observer ended. */
export interface Seen {
  /** What was asked. */
  readonly sent: string;
  readonly status: number;
  readonly body: string;
  /** From the arrival of the request to its end. */
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
  readonly #whose: Observation;
  readonly #plain: (text: string) => string;
  readonly #running = new Map<number, Race>();
  readonly #sent = new Map<number, string>();

  constructor(whose: Observation, plain: (text: string) => string = (text) => text) {
    this.#whose = whose;
    this.#plain = plain;
  }

  see(event: HistoryEvent): void {
    const { request } = event;
    if (request?.move === undefined || request.principal === undefined) return;
    const { tenant, user, membership } = request.principal;
    if (!this.#whose.tenants.includes(tenant.id)) return;
    if (this.#whose.user !== undefined && this.#whose.user !== user) return;
    if (event.kind === 'arrived')
      this.#begin(request.number, { tenant: tenant.id, user: membership }, event.atUs);
    if (event.kind === 'exchange' && event.parent === 0)
      this.#sent.set(request.number, this.#comparable(`${event.call.path} ${event.call.body}`));
    if (event.kind !== 'ended') return;
    const { raced = false, crowded = false, arrivedUs } = this.#running.get(request.number) ?? {};
    this.#running.delete(request.number);
    const { status, reply } = event;
    const sent = this.#sent.get(request.number) ?? '';
    this.#sent.delete(request.number);
    const tookUs = event.atUs - (arrivedUs ?? event.atUs);
    const body = this.#comparable(reply.body);
    this.seen.set(`${membership} ${request.move}`, {
      ...{ sent, status, body, tookUs, event, raced, crowded },
    });
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
