// What may an actor of a program do: one move, by whom, on whose data, and when.

import type { TenantId, UserId } from '../domain/caller.ts';
import type { Change, Fault } from './change.ts';
import { TASKS } from './tenancy.ts';

/** A user of a tenant, by the ids of the scenario. */
export interface Person {
  readonly tenant: TenantId;
  readonly user: UserId;
}

/** Every operation of every boundary that can be tried, as `boundary operation`. */
export const MOVE_OPERATIONS = [
  'identity InitiateAuth',
  'identity SignUp',
  'front-door talk',
  'front-door patient_context',
  'front-door clinic_config',
  'front-door retrieve_clinic_documents',
  'front-door web_search',
  'front-door current_time',
  'runtime invoke',
  'gateway tools/list',
  'gateway patient_context',
  'gateway clinic_config',
  'gateway retrieve_clinic_documents',
  'gateway web_search',
  'gateway current_time',
  'tools patient_context',
  'tools clinic_config',
  'tools retrieve_clinic_documents',
  'tools web_search',
  'tools current_time',
  'credentials vend',
  'sts AssumeRole',
  'table GetItem',
  'table Query',
  'memory CreateEvent',
  'memory ListEvents',
  'memory GetEvent',
  'memory DeleteEvent',
  'memory ListSessions',
  'memory ListActors',
  'memory RetrieveMemoryRecords',
  'memory ListMemoryRecords',
  'memory GetMemoryRecord',
  'memory DeleteMemoryRecord',
  'knowledge Retrieve',
] as const;
export type MoveOperation = (typeof MOVE_OPERATIONS)[number];

/**
 * What is shown at the door. `own` is the actor's own good bearer token, and at the data services
 * the credentials that the token vending machine gives for it; `late` are the last of these, kept
 * and not renewed, of an earlier life even, if the actor has begun another.
 */
export const PRESENTED = [
  'own',
  'none',
  'late',
  'expired',
  'forged',
  'unsigned',
  'unknown-key',
  'wrong-audience',
  'wrong-issuer',
  'claimless',
] as const;
export type Presented = (typeof PRESENTED)[number];

/** Where the identity of `of` is written as well, to be taken for the actor's. */
export const SHADOWS = ['none', 'headers', 'payload', 'arguments', 'baggage', 'repeated'] as const;
export type Shadow = (typeof SHADOWS)[number];

/** What an honest question is for: a tool, nothing but an answer, or what was said before. */
export const USES = [...TASKS, 'recall'] as const;
export type Use = (typeof USES)[number];

/** An honest question through the front door. */
export interface AskMove {
  readonly do: 'ask';
  readonly by: Person;
  readonly use: Use;
  /** Equal names are equal session ids, whoever uses them. */
  readonly session: string;
  /** Said as well, word for word. */
  readonly say: string | undefined;
  /** So often. At least 1. */
  readonly times: number;
  /** How long after one the next begins: 0 is all at once, and is what a single question has. */
  readonly everyUs: number;
}

/** A call of one's own making, at any door. */
export interface TryMove {
  readonly do: 'try';
  /** `undefined` is an outsider, who has no account. */
  readonly by: Person | undefined;
  /** Whose data or identity it is about. */
  readonly of: Person;
  readonly operation: MoveOperation;
  /** The network that it comes from: `inside` is where a compromised agent stands. */
  readonly from: 'internet' | 'inside';
  readonly presents: Presented;
  readonly shadow: Shadow;
  readonly session: string;
}

type Timeless<T> = T extends unknown ? Omit<T, 'atUs'> : never;
/** What the operator does, or what gets into a tenant's data: at the instant of its turn. */
export interface ChangeMove {
  readonly do: 'change';
  readonly change: Timeless<Change>;
}

/** A service fails from now on, for so long. */
export interface BreakMove {
  readonly do: 'break';
  readonly service: Fault['service'];
  readonly how: 'slow' | 'failing' | 'gone';
  readonly forUs: number;
}

export type Move = {
  /** Simulated time that passes first. */
  readonly afterUs: number;
  /** Begins beside the move before, not after its end. */
  readonly together: boolean;
} & (AskMove | TryMove | ChangeMove | BreakMove);
