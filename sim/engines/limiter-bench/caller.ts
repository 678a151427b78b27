// Who calls, by which keys?

import type { Answer, LimitedCall } from '../../domain/contract.ts';

/** One who calls, and may mind the answer. Calls come in order of time. */
export interface Caller {
  next(): LimitedCall;
  heard(call: LimitedCall, answer: Answer): void;
}
