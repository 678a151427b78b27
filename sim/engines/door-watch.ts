// What did a front door decide, request by request, as its history tells?

import type { DoorDecision, FleetDoor } from '../domain/fleet-report.ts';
import type { HistoryEvent, Observer } from '../domain/history.ts';
import type { LimiterPort } from '../domain/ports.ts';
import type { Clock } from '../kernel/clock.ts';

/** Keeps every decision: for runs of a length that a load has. */
export class DoorWatch implements Observer {
  readonly #decisions: DoorDecision[] = [];
  readonly #undecided: FleetDoor['undecided'][number][] = [];

  see(event: HistoryEvent): void {
    if (event.kind !== 'permitted' || event.limiter !== 'front-door') return;
    const { principal, plannedUs } = event.request ?? {};
    if (principal === undefined || plannedUs === undefined) return;
    const { tenant: owner, membership } = principal;
    const { permit, askedUs, atUs } = event;
    this.#decisions.push({
      ...{ tenant: owner.incarnation, tier: owner.tier, membership },
      ...{ plannedUs, askedUs, answeredUs: atUs },
      admitted: permit.kind === 'admitted',
      by: permit.kind === 'refused' ? permit.by : null,
    });
  }

  /** The limiter, with what it could not say counted. */
  counting(limiter: LimiterPort, clock: Pick<Clock, 'nowUs'>): LimiterPort {
    return {
      admit: async (...asked) => {
        const askedUs = clock.nowUs();
        try {
          return await limiter.admit(...asked);
        } catch (problem) {
          this.#undecided.push({ askedUs, answeredUs: clock.nowUs() });
          throw problem;
        }
      },
    };
  }

  door(): FleetDoor {
    return { decisions: this.#decisions, undecided: this.#undecided };
  }
}
