// How may a scenario be written: its keys with their ranges and defaults, as one zod schema.

import { z } from 'zod';
import { DAY_US, SECOND_US } from '../kernel/clock.ts';
import { checkLoad, LOAD_KEYS } from './arrivals-form.ts';
import { changeKinds, DOCUMENTS, PATIENTS, TENANT_KEYS } from './changes-form.ts';
import {
  duration,
  id,
  instant,
  name,
  number,
  positive,
  prose,
  timeOfDay,
  whole,
  zone,
} from './forms.ts';
import { MOVE } from './moves-form.ts';
import {
  BEHAVIOURS,
  FAULT_SERVICES,
  MODELS,
  POPULATION_MAX,
  PROBE_KINDS,
  PROMISES,
  ROLES,
  TASKS,
  TOOLS,
  VARIATIONS,
} from './schema.ts';

export const RATE_LIMIT = z.strictObject({
  requestsPerSecond: positive(1_000_000),
  burst: whole(1, 1_000_000),
});

export const QUOTA = z.strictObject({
  requests: whole(0, 1_000_000_000),
  period: z.enum(['day', 'week', 'month']),
  resetOffsetMinutes: whole(-1439, 1439).default(0),
});

const TIER = z.strictObject({
  model: z.enum(MODELS),
  wire: z.enum(['converse', 'chat']),
  rate: RATE_LIMIT.optional(),
  quota: QUOTA.optional(),
});

const SHARES = z.record(name(), number(0, 1)).refine(
  // A billionth forgives the rounding of a sum of decimals.
  (shares) => Math.abs(Object.values(shares).reduce((sum, share) => sum + share, 0) - 1) < 1e-9,
  { error: 'the shares do not sum to 1' },
);

export const POPULATION = z.strictObject({
  tenants: whole(1, POPULATION_MAX),
  tiers: SHARES,
  zones: z.array(zone()).min(1),
  users: z
    .record(name(), whole(0, 100))
    .refine((counts) => Object.values(counts).some((count) => count > 0), { error: 'is empty' }),
  patients: PATIENTS,
  documents: DOCUMENTS,
  skew: number(0, 10).default(0),
});

const ENTITLEMENT = z
  .strictObject({
    tool: z.enum(TOOLS),
    tiers: z.array(name()).min(1),
    roles: z.array(name()).min(1),
    object: z.enum(['own', 'none']),
    hours: z
      .strictObject({ from: timeOfDay(), to: timeOfDay() })
      .refine(({ from, to }) => from < to, {
        path: ['to'],
        error: 'is not after `from`\nhours do not reach over midnight: write two entries',
      })
      .optional(),
  })
  .refine(({ tool, object }) => (object === 'none') === OBJECTLESS.has(tool), {
    path: ['object'],
    error: 'does not fit the tool\n`none` is for `web_search` and `current_time`, else `own`',
  });

const OBJECTLESS: ReadonlySet<string> = new Set(['web_search', 'current_time']);

const CHOICE = z.union([
  z.strictObject({ tier: name() }),
  z.array(id()).min(1),
  z.literal('all', { error: 'expected `all`, a mapping with `tier`, or a list of tenants' }),
]);

const weight = () => number(0, 1_000_000).default(0);

const MIX = z
  .strictObject({
    patient_context: weight(),
    clinic_config: weight(),
    retrieve_clinic_documents: weight(),
    web_search: weight(),
    current_time: weight(),
    talk: weight(),
  })
  .refine((mix) => TASKS.some((task) => mix[task] > 0), {
    error: 'has no weight above 0\nexpected something to ask for',
  });

const STREAM = z
  .strictObject({
    name: name(),
    tenants: CHOICE.default('all'),
    ...LOAD_KEYS,
    mix: MIX,
    pause: duration().prefault('30s'),
    promptCharacters: whole(1, 100_000).default(120),
    from: duration().optional(),
    to: duration().optional(),
    // Ministral 3 8B's longest output, by its catalogue entry.
    maxOutputTokens: whole(1, 4096).default(256),
  })
  .superRefine((stream, context) => {
    checkLoad(stream, (path, message, hint) => {
      const words = hint === undefined ? message : `${message}\n${hint}`;
      context.addIssue({ code: 'custom', path: [...path], message: words });
    });
  });

const PROBES = z.strictObject({
  every: duration(SECOND_US),
  kinds: z
    .union([
      z.array(z.enum(PROBE_KINDS)).min(1),
      z.literal('all', { error: 'expected `all` or a list of kinds' }),
    ])
    .default('all'),
});

export const CHANGE = changeKinds({ at: duration() });

const FAULT_KEYS = {
  at: duration(),
  for: duration(1),
  service: z.enum(FAULT_SERVICES),
  model: z.enum(MODELS).optional(),
};

const FAULT = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...FAULT_KEYS, kind: z.literal('slow'), factor: number(1, 1_000_000) }),
    z.strictObject({ ...FAULT_KEYS, kind: z.literal('failing'), share: positive(1) }),
    z.strictObject({ ...FAULT_KEYS, kind: z.literal('gone') }),
  ])
  .refine(({ service, model }) => model === undefined || service === 'model', {
    path: ['model'],
    error: 'is for the service `model` only',
  });

export const TENANT = z.strictObject({ id: id(), ...TENANT_KEYS });

/** The most moves that a scenario may have (assumed). */
const MOVES_MAX = 10_000;

/** Who must notice nothing of the others; a name alone is that tenant, with the others left out. */
const OBSERVER = z
  .strictObject({
    tenants: z.array(id()).min(1),
    user: id().optional(),
    others: z.enum(VARIATIONS).default('removed'),
    resources: z.enum(['shared', 'replicated']).default('shared'),
  })
  .refine(({ tenants, user }) => user === undefined || tenants.length === 1, {
    path: ['user'],
    error: 'is one of several tenants\nexpected a single tenant beside `user`',
  })
  // Colleagues share their tenant's limits, documents and fate: only what they say is their own.
  .refine(({ user, others }) => user === undefined || others === 'reworded', {
    path: ['others'],
    error: 'is not felt by a colleague alone\nexpected `reworded` beside `user`',
  });

/** The whole file. What one part of it owes another is checked elsewhere. */
export const DOCUMENT = z.strictObject({
  version: z.literal(1),
  name: name(),
  title: prose(300),
  start: instant(),
  // A leap year at most; assumed.
  duration: duration(SECOND_US, 366 * DAY_US),
  seed: whole(0, Number.MAX_SAFE_INTEGER).default(1),
  hosting: z.enum(['microvm', 'pooled']).default('microvm'),
  behaviour: z.enum(BEHAVIOURS).default('hostile'),
  roles: z
    .array(name())
    .min(1)
    .default(() => [...ROLES]),
  tiers: z.record(name(), TIER).refine((tiers) => Object.keys(tiers).length > 0, {
    error: 'is empty\nexpected at least one tier',
  }),
  tenants: z.array(TENANT).default(() => []),
  population: POPULATION.optional(),
  entitlements: z.array(ENTITLEMENT).min(1),
  traffic: z.array(STREAM).default(() => []),
  probes: PROBES.optional(),
  changes: z.array(CHANGE).default(() => []),
  faults: z.array(FAULT).default(() => []),
  moves: z
    .array(MOVE)
    .max(MOVES_MAX)
    .default(() => []),
  observer: z.union([id(), OBSERVER]).optional(),
  thresholds: z.record(z.string(), z.array(z.string()).min(1)).default(() => ({})),
  expects: z.array(z.enum(PROMISES)).default(() => []),
});

export type Document = z.output<typeof DOCUMENT>;
export type TenantForm = z.output<typeof TENANT>;
export type ChangeForm = z.output<typeof CHANGE>;
