// What is a limiter, to one who only asks it?

import type { Answer, LimitedCall } from '../domain/contract.ts';

/**
 * Any limiter under test, such as a library's over Redis. None of them is a gateway that is asked by
 * its URL: that one comes with the load command.
 */
export interface Limiter {
  admit(call: LimitedCall): Answer | Promise<Answer>;
}

/** One that answers at once and lives in simulated time. */
export interface SimulatedLimiter extends Limiter {
  admit(call: LimitedCall): Answer;
}
