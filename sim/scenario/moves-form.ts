// How is a move written in a scenario, and how does what was written become one, and back?

import { z } from 'zod';
import { DAY_US } from '../kernel/clock.ts';
import { changeKinds } from './changes-form.ts';
import { formatDuration } from './duration.ts';
import { duration, id, prose, text, whole } from './forms.ts';
import { MOVE_OPERATIONS, type Move, type Person, PRESENTED, SHADOWS, USES } from './move.ts';
import { FAULT_SERVICES } from './schema.ts';

const PERSON = z.strictObject({ tenant: id(), user: id() });

/** What a client may choose as the name of its session; the id is made of it. */
const session = () =>
  text(/^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/, 'a name of 1 to 32 letters, digits or `-`').default('s1');

/** The longest distance of questions: a thousand of them still end at an instant that can be counted (assumed). */
const EVERY_US_MAX = DAY_US;

const COMMON = { after: duration().prefault('0s'), together: z.boolean().default(false) };

export const MOVE = z.discriminatedUnion('do', [
  z
    .strictObject({
      ...COMMON,
      do: z.literal('ask'),
      by: PERSON,
      use: z.enum(USES),
      session: session(),
      say: prose(16_000).optional(),
      times: whole(1, 1000).default(1),
      every: duration(0, EVERY_US_MAX).prefault('0s'),
    })
    .refine(({ times, every }) => times > 1 || every === 0, {
      path: ['every'],
      error: 'a single question has no next one\ngive `times`, of at least 2',
    }),
  z.strictObject({
    ...COMMON,
    do: z.literal('try'),
    by: z.union([
      PERSON,
      z.literal('outsider', { error: 'expected `outsider`, or a mapping of `tenant` and `user`' }),
    ]),
    of: PERSON,
    operation: z.enum(MOVE_OPERATIONS),
    from: z.enum(['internet', 'inside']).default('internet'),
    presents: z.enum(PRESENTED).default('own'),
    shadow: z.enum(SHADOWS).default('none'),
    session: session(),
  }),
  z.strictObject({ ...COMMON, do: z.literal('change'), change: changeKinds({}) }),
  z.strictObject({
    ...COMMON,
    do: z.literal('break'),
    service: z.enum(FAULT_SERVICES),
    how: z.enum(['slow', 'failing', 'gone']),
    for: duration(1),
  }),
]);

type MoveForm = z.output<typeof MOVE>;

export const moveOf = ({ after: afterUs, together, ...form }: MoveForm): Move => {
  const when = { afterUs, together };
  switch (form.do) {
    case 'ask': {
      const { every: everyUs, ...asked } = form;
      return { ...when, ...asked, say: form.say, everyUs };
    }
    case 'try':
      return { ...when, ...form, by: form.by === 'outsider' ? undefined : form.by };
    case 'change': {
      const { change } = form;
      if (change.kind !== 'onboard') return { ...when, do: 'change', change };
      const { kind, tenant, ...plan } = change;
      return { ...when, do: 'change', change: { kind, tenant, plan: { id: tenant, ...plan } } };
    }
    case 'break': {
      const { service, how, for: forUs } = form;
      return { ...when, do: 'break', service, how, forUs };
    }
  }
};

/** The move as it is written, without what the defaults say. `moveOf` of it, once read, is the move. */
export const moveForm = (move: Move): Readonly<Record<string, unknown>> => ({
  ...(move.afterUs === 0 ? {} : { after: formatDuration(move.afterUs) }),
  ...(move.together ? { together: true } : {}),
  ...actForm(move),
});

const actForm = (move: Move): Readonly<Record<string, unknown>> => {
  switch (move.do) {
    case 'ask': {
      const { by, use, session: named, say, times, everyUs } = move;
      return {
        do: 'ask',
        by,
        use,
        ...unless('session', named, 's1'),
        ...unless('say', say, undefined),
        ...unless('times', times, 1),
        ...unless('every', formatDuration(everyUs), '0s'),
      };
    }
    case 'try':
      return {
        do: 'try',
        by: byForm(move.by),
        of: move.of,
        operation: move.operation,
        ...unless('from', move.from, 'internet'),
        ...unless('presents', move.presents, 'own'),
        ...unless('shadow', move.shadow, 'none'),
        ...unless('session', move.session, 's1'),
      };
    case 'change': {
      const { change } = move;
      if (change.kind !== 'onboard') return { do: 'change', change };
      const { id: tenant, ...plan } = change.plan;
      return { do: 'change', change: { kind: change.kind, tenant, ...plan } };
    }
    case 'break':
      return {
        do: 'break',
        service: move.service,
        how: move.how,
        for: formatDuration(move.forUs),
      };
  }
};

const byForm = (by: Person | undefined): Person | 'outsider' => by ?? 'outsider';

const unless = (key: string, value: unknown, usual: unknown): Readonly<Record<string, unknown>> =>
  value === usual ? {} : { [key]: value };
