// Which promises are checked: the folds over a history, one for each, all fed in the same order.

import { Attribution } from './checks/attribution.ts';
import type { Check, Known } from './checks/check.ts';
import { CredentialUse } from './checks/credentials.ts';
import { FailingClosed } from './checks/failing-closed.ts';
import { Identity } from './checks/identity.ts';
import { Integrity } from './checks/integrity.ts';
import { Mediation } from './checks/mediation.ts';
import { NoFlow } from './checks/no-flow.ts';
import { Service } from './checks/service.ts';
import type { Verdict } from './domain/finding.ts';
import type { HistoryEvent, Observer } from './domain/history.ts';

export type { Check, Known } from './checks/check.ts';
export { NoFlow } from './checks/no-flow.ts';
export { TraceBook, type TraceJudgement, type TraceSettings } from './checks/trace-book.ts';

/** I1, I3 to I5 and I7 to I10. I6 is judged by the limiter measure, I2 and I11 by running twice. */
export class Checks implements Observer {
  readonly #known: Known;
  readonly #checks: readonly Check[];

  constructor(known: Known) {
    this.#known = known;
    this.#checks = [
      new NoFlow(known),
      new Mediation(known),
      new CredentialUse(known),
      new Attribution(known),
      new Identity(known),
      new FailingClosed(known),
      new Integrity(known),
      new Service(known),
    ];
  }

  see(event: HistoryEvent): void {
    this.#known.recent.see(event);
    for (const check of this.#checks) check.see(event);
  }

  conclude(): readonly Verdict[] {
    return this.#checks.map((check) => check.conclude());
  }
}
