// Where in a policy document is a mistake: a place that collects complaints as it is read.

import type { Complaint } from '../../domain/usage-error.ts';

/** One spot of a document under reading; all spots of a document share the list of complaints. */
export interface Place {
  readonly file: string;
  /** Such as `Statement[2].Condition.StringLike`; empty for the document itself. */
  readonly path: string;
  readonly complaints: Complaint[];
}

export const inside = (place: Place, step: string | number): Place => {
  const dot = place.path === '' ? '' : '.';
  const path = typeof step === 'number' ? `${place.path}[${step}]` : `${place.path}${dot}${step}`;
  return { ...place, path };
};

/** Adds a complaint; gives back `undefined`, the value of what could not be read. */
export const refuse = (place: Place, message: string, hint?: string): undefined => {
  place.complaints.push({
    file: place.file,
    ...(place.path === '' ? {} : { path: place.path }),
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  return undefined;
};

/** The fields of an object that have a value, or `undefined` with a complaint when it is none. */
export const fieldsOf = (place: Place, value: unknown): ReadonlyMap<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map<string, unknown>(Object.entries(value).filter(([, field]) => field !== undefined))
    : refuse(place, 'must be an object');

/** One value or a list of them as a list with its places; complains of an empty list. */
export const itemsOf = (place: Place, value: unknown): readonly (readonly [Place, unknown])[] => {
  if (!Array.isArray(value)) return [[place, value]];
  if (value.length === 0) refuse(place, 'must not be an empty list');
  return value.map((item: unknown, index) => [inside(place, index), item] as const);
};

/** Reads each item; those that could not be read are left out. */
export const readItems = <T>(
  place: Place,
  value: unknown,
  read: (place: Place, item: unknown) => T | undefined,
): readonly T[] =>
  itemsOf(place, value).flatMap(([at, item]) => {
    const done = read(at, item);
    return done === undefined ? [] : [done];
  });
