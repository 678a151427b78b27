// How is a script of a fault written: one line a move, in one world of two clinics and two hospitals.

import { MINUTE_US, SECOND_US } from '../kernel/clock.ts';
import type { AskMove, BreakMove, ChangeMove, Move, Person, TryMove } from '../scenario/move.ts';

const person = (tenant: string, user: string): Person => ({ tenant, user });

/** Who takes part in the scripts: clinics are basic, hospitals premium. */
export const SMITH = person('clinic-a', 'dr.smith');
export const JONES = person('clinic-a', 'dr.jones');
export const LEE = person('clinic-a', 'nurse.lee');
export const PARK = person('clinic-a', 'admin.park');
export const CHEN = person('clinic-b', 'dr.chen');
export const FOSTER = person('hospital-a', 'dr.foster');
export const WILSON = person('hospital-a', 'dr.wilson');
export const NOVAK = person('hospital-b', 'dr.novak');
export const CRUZ = person('hospital-b', 'nurse.cruz');

export const seconds = (count: number): number => count * SECOND_US;
export const minutes = (count: number): number => count * MINUTE_US;

const AT_ONCE = { afterUs: 0, together: false } as const;

/** An honest question through the front door. */
export const ask = (by: Person, use: AskMove['use'], session = 'desk'): Move => ({
  ...AT_ONCE,
  do: 'ask',
  by,
  use,
  session,
  say: undefined,
  times: 1,
  everyUs: 0,
});

/** An honest question for one object that is named, so that two can ask for the same. */
export const name = (
  by: Person,
  tool: string,
  input: Readonly<Record<string, unknown>>,
  session = 'desk',
): Move => ({
  ...AT_ONCE,
  do: 'ask',
  by,
  use: 'talk',
  session,
  say: `use ${tool} ${JSON.stringify({ clinic_id: by.tenant, ...input })}`,
  times: 1,
  everyUs: 0,
});

/** The first patient of one's own tenant. */
export const readFirst = (by: Person): Move => name(by, 'patient_context', { patient_id: 'P1001' });

/** The same search in one's own tenant's documents. */
export const searchFirst = (by: Person): Move =>
  name(by, 'retrieve_clinic_documents', { query: 'guideline1', max_results: 2 });

type How = Partial<Pick<TryMove, 'from' | 'presents' | 'shadow' | 'session'>>;

/**
 * A call of one's own making about somebody: at the front door and the user pool from the internet,
 * elsewhere from inside, unless it is said otherwise.
 */
export const attempt = (
  by: Person,
  of: Person,
  operation: TryMove['operation'],
  how: How = {},
): Move => ({ ...trying(of, operation, how), by });

/** A call of an outsider, who has no account. */
export const intrude = (of: Person, operation: TryMove['operation'], how: How = {}): Move =>
  trying(of, operation, { presents: 'none', ...how });

const OUTER = /^(front-door|identity) /;

const trying = (of: Person, operation: TryMove['operation'], how: How) => ({
  ...AT_ONCE,
  do: 'try' as const,
  by: undefined,
  of,
  operation,
  from: OUTER.test(operation) ? ('internet' as const) : ('inside' as const),
  presents: 'own' as const,
  shadow: 'none' as const,
  session: 'desk',
  ...how,
});

/** An order of the operator, or a plant. */
export const order = (change: ChangeMove['change']): Move => ({
  ...AT_ONCE,
  do: 'change',
  change,
});

/** A service fails from now on. */
export const fail = (
  service: BreakMove['service'],
  how: BreakMove['how'],
  forUs = minutes(10),
): Move => ({ ...AT_ONCE, do: 'break', service, how, forUs });

export const wait = (afterUs: number, move: Move): Move => ({ ...move, afterUs });
export const beside = (move: Move): Move => ({ ...move, together: true });

/** So many of the same at once: what it takes to reach a limit. */
export const crowd = (count: number, move: Move): readonly Move[] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? move : beside(move)));
