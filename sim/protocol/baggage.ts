// What does a baggage header say: W3C Baggage, decoded and encoded, with what was decoded remembered.

import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import { W3CBaggagePropagator } from '@opentelemetry/core';

/** Baggage members by key. */
export type Members = Readonly<Record<string, string>>;

const propagator = new W3CBaggagePropagator();
const REMEMBERED_MAX = 4096;
const decoded = new Map<string, Members>();
const encoded = new Map<string, string>();
const passed = new Map<string, string>();

/** The members of a `baggage` header; none when it is absent or malformed. */
export const decodeBaggage = (text: string | undefined): Members => {
  if (text === undefined) return {};
  return remembered(decoded, text, () => {
    const context = propagator.extract(ROOT_CONTEXT, { baggage: text }, defaultTextMapGetter);
    const entries = propagation.getBaggage(context)?.getAllEntries() ?? [];
    return Object.fromEntries(entries.map(([key, entry]) => [key, entry.value]));
  });
};

/** The `baggage` header of the members. */
export const encodeBaggage = (members: Members): string =>
  remembered(encoded, keyOf(members), () => {
    const carrier: Record<string, string> = {};
    const entries = Object.entries(members).map(([key, value]) => [key, { value }] as const);
    const baggage = propagation.createBaggage(Object.fromEntries(entries));
    propagator.inject(propagation.setBaggage(ROOT_CONTEXT, baggage), carrier, defaultTextMapSetter);
    return carrier['baggage'] ?? '';
  });

/** Lengths keep two lists of members from having one key. */
const keyOf = (members: Members): string => {
  let text = '';
  for (const key of Object.keys(members)) {
    const value = members[key] ?? '';
    text += `${key.length} ${key}${value.length} ${value}`;
  }
  return text;
};

/** The `baggage` header that passes on what a header brought in; `undefined` when that is nothing. */
export const passedOn = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const encoded = remembered(passed, text, () => encodeBaggage(decodeBaggage(text)));
  return encoded === '' ? undefined : encoded;
};

const remembered = <T>(memory: Map<string, T>, key: string, make: () => T): T => {
  const known = memory.get(key);
  if (known !== undefined) return known;
  if (memory.size >= REMEMBERED_MAX) memory.clear();
  const made = make();
  memory.set(key, made);
  return made;
};
