// What can be wrong with a trace as a whole, in the words of a finding?

import { redacted, type Sight } from './content.ts';
import type { NamingFault } from './naming.ts';
import type { TenantKeys } from './seen-span.ts';
import type { Fault } from './telling.ts';

/** A fault of the trace itself and not of whom it names. */
const broken = (title: string, did: string, then: string): Fault => ({
  ...{ promise: 'I5', operation: 'trace', relation: 'same trace', sink: 'span' },
  ...{ title, did, then: [then] },
});

export const TWO_ROOTS = broken(
  'a trace begins twice',
  'without a parent, in a trace that had begun',
  'One request is one trace, with one beginning, and E1 is another: a contradiction.',
);

export const CIRCLE = broken(
  'a span is its own ancestor',
  'whose parent comes after it',
  'Going from parent to parent leads from E1 back to E1: a contradiction.',
);

export const TWINS = broken(
  'two spans of one trace have one id',
  'with the id of another span of its trace',
  'The id of a span is its own, and E1 bears that of another: a contradiction.',
);

export const NAMELESS = broken(
  'an answered request names nobody',
  'at the beginning of a trace in which nobody is named',
  'A request that was answered is for somebody, and no span of its trace says whom: a contradiction.',
);

/** Content or a secret in a span. `ownerName` tells the owner of a canary. */
export const contentFault = (
  { place, what }: Sight,
  ownerName: (owner: number) => string,
): Fault => {
  const isSecret = what.kind === 'secret';
  const shown = isSecret ? what.of : `a ${what.of} of ${ownerName(what.owner)}`;
  return {
    promise: 'I1',
    operation: 'span',
    relation: isSecret ? 'anyone' : 'operator',
    sink: `span ${place}`,
    title: isSecret ? `${what.of} in a span` : 'content in a span',
    did: `with ${shown} in its ${place}`,
    then: ['Telemetry holds no content and no secret, and E1 does: a contradiction.'],
  };
};

/** A span that names another than the first of its trace, or nobody. */
export const namingFault = ({ kind, span, first, key }: NamingFault, keys: TenantKeys): Fault => {
  const name = keys[key] ?? '';
  const known = `\`${redacted(first.names[key] ?? '')}\``;
  const shown = kind === 'nobody' ? 'nobody' : `\`${redacted(span.names[key] ?? '')}\``;
  return {
    promise: 'I5',
    operation: 'trace',
    relation: kind === 'nobody' ? 'same trace' : key === 0 ? 'other tenant' : `other ${name}`,
    sink: 'span',
    title:
      kind === 'nobody'
        ? 'a span does not name whom its trace is for'
        : `a trace names two ${key === 0 ? 'tenants' : `callers by their ${name}`}`,
    did: `whose ${name} names ${shown}`,
    then: [
      `A span of ${redacted(first.service)}, the first of its trace to say so, names ${known}: a contradiction.`,
    ],
  };
};
