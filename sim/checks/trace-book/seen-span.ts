// What of a received span is kept until its trace is judged: who is whose, and who is named.

import { SERVICE_NAMES, type ServiceName } from '../../domain/ports.ts';
import type { ReceivedSpan } from '../../domain/received-span.ts';

/** By which attributes a span names whom it works for: tenant, tier, scope. */
export type TenantKeys = readonly string[];

export interface SeenSpan {
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly service: string;
  readonly name: string;
  readonly startUs: number;
  /** By the position of the key; undefined where the span does not say. */
  readonly names: readonly (string | undefined)[];
  /** True when its tenant could not be known yet. */
  readonly early: boolean;
}

/** The service that wrote it: the name's first word where that is one, else what its resource says. */
export const writerOf = ({ name, service }: ReceivedSpan): string =>
  serviceNamed(name.split(' ', 1)[0]) ?? kept(service);

export const serviceNamed = (word: string | undefined): ServiceName | undefined =>
  SERVICE_NAMES.find((name) => name === word);

/**
 * Of a text that a sender may make as long as it likes, so much is kept: more than twice the 255
 * characters that name an actor at most.
 */
const KEPT_CHARACTERS = 512;

/** A slice would hold on to the whole text that it is of, however short it is: this is a copy. */
export const kept = (text: string): string =>
  text.length <= KEPT_CHARACTERS
    ? text
    : Buffer.from(text.slice(0, KEPT_CHARACTERS), 'utf16le').toString('utf16le');

export const namesIn = (
  { attributes }: ReceivedSpan,
  keys: TenantKeys,
): readonly (string | undefined)[] =>
  keys.map((key) => (Object.hasOwn(attributes, key) ? kept(String(attributes[key])) : undefined));

export const namesSomebody = (names: SeenSpan['names']): boolean =>
  names.some((name) => name !== undefined);
