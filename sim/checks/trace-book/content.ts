// Where in a span does content or a secret stand that telemetry must not hold?

import { type CanaryKind, findCanaries, withoutCanaries } from '../../domain/canary.ts';
import type { Attributes, ReceivedSpan } from '../../domain/received-span.ts';
import { secretIn } from '../../domain/secret-text.ts';

export interface Sight {
  /** E.g. `attribute`, `event`. */
  readonly place: string;
  readonly what:
    | { readonly kind: 'canary'; readonly of: CanaryKind; readonly owner: number }
    | { readonly kind: 'secret'; readonly of: 'a bearer token' | 'credentials' };
}

/** Every canary and secret in any text of the span but its resource, each place told once. */
export const sightsIn = (span: ReceivedSpan): readonly Sight[] => {
  const places = placesOf(span);
  // Nearly all spans hold nothing, and one long text is read faster than many short ones.
  const [whole] = sightsAt('span', places.map(([, text]) => text).join('\n'));
  return whole === undefined ? [] : places.flatMap(([place, text]) => sightsAt(place, text));
};

/** The same for what is said of the sender. */
export const sightsInResource = (resource: Attributes): readonly Sight[] =>
  sightsAt('resource', textsOf(resource).join('\n'));

/** The text without what a finding must not repeat: canaries, bearer tokens, credentials. */
export const redacted = (text: string): string =>
  secretIn(text) === undefined ? withoutCanaries(text) : 'redacted';

const sightsAt = (place: string, text: string): readonly Sight[] => {
  const secret = secretIn(text);
  const canaries = findCanaries(text);
  if (secret === undefined && canaries.length === 0) return NONE;
  return [
    ...(secret === undefined ? [] : [{ place, what: { kind: 'secret', of: secret } } as const]),
    ...canaries.map(
      ({ facts }): Sight => ({
        place,
        what: { kind: 'canary', of: facts.kind, owner: facts.owner },
      }),
    ),
  ];
};

const NONE: readonly Sight[] = Object.freeze([]);

const placesOf = (span: ReceivedSpan): readonly (readonly [place: string, text: string])[] => [
  ['name', span.name],
  ...textsOf(span.attributes).map((text) => ['attribute', text] as const),
  ...span.events.flatMap(({ name, attributes }) =>
    [name, ...textsOf(attributes)].map((text) => ['event', text] as const),
  ),
  ...span.links.flatMap(({ remark, attributes }) =>
    [remark, ...textsOf(attributes)].map((text) => ['link', text] as const),
  ),
  ...span.remarks.map((text) => ['status or state', text] as const),
];

const textsOf = (attributes: Attributes): readonly string[] =>
  Object.entries(attributes).flatMap(([key, value]) =>
    typeof value === 'string' ? [key, value] : [key],
  );
