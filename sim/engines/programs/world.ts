// In which world do generated programs play: two clinics and two hospitals, as a scenario's document.

import type { Person } from '../../scenario/move.ts';

export interface Tenant {
  readonly id: string;
  readonly tier: 'basic' | 'premium';
  readonly zone: string;
  readonly users: readonly { readonly id: string; readonly role: string }[];
}

const tenant = (
  id: string,
  tier: Tenant['tier'],
  zone: string,
  users: Readonly<Record<string, string>>,
): Tenant => ({
  id,
  tier,
  zone,
  users: Object.entries(users).map(([user, role]) => ({ id: user, role })),
});

export const TENANTS: readonly Tenant[] = [
  tenant('clinic-a', 'basic', 'America/New_York', {
    'dr.smith': 'physician',
    'dr.jones': 'physician',
    'nurse.lee': 'nurse',
    'admin.park': 'admin',
  }),
  tenant('clinic-b', 'basic', 'America/Chicago', {
    'dr.chen': 'physician',
    'nurse.ortiz': 'nurse',
    'admin.reed': 'admin',
  }),
  tenant('hospital-a', 'premium', 'America/New_York', {
    'dr.foster': 'physician',
    'dr.wilson': 'physician',
    'nurse.young': 'nurse',
    'admin.bell': 'admin',
  }),
  tenant('hospital-b', 'premium', 'America/Chicago', {
    'dr.novak': 'physician',
    'nurse.cruz': 'nurse',
    'admin.wood': 'admin',
  }),
];

export const peopleOf = (tenants: readonly Tenant[]): readonly Person[] =>
  tenants.flatMap(({ id, users }) => users.map((user) => ({ tenant: id, user: user.id })));

const ALL = ['physician', 'nurse', 'admin'];
const CLINICAL = ['physician', 'nurse'];
const BASIC_HOURS = { from: '08:00', to: '18:00' };

/** The entitlement table of the reference deployment. */
const ENTITLEMENTS = [
  ...['patient_context', 'retrieve_clinic_documents'].flatMap((tool) => [
    { tool, tiers: ['basic'], roles: CLINICAL, object: 'own', hours: BASIC_HOURS },
    { tool, tiers: ['premium'], roles: CLINICAL, object: 'own' },
  ]),
  { tool: 'clinic_config', tiers: ['basic', 'premium'], roles: ALL, object: 'own' },
  { tool: 'web_search', tiers: ['premium'], roles: CLINICAL, object: 'none' },
  { tool: 'current_time', tiers: ['basic', 'premium'], roles: ALL, object: 'none' },
];

/** The limits of the reference, or such as a short program can reach (assumed). */
const LIMITS = {
  usual: {
    basic: { rate: { requestsPerSecond: 2, burst: 5 }, quota: { requests: 50, period: 'day' } },
    premium: {
      rate: { requestsPerSecond: 10, burst: 20 },
      quota: { requests: 500, period: 'day' },
    },
  },
  tight: {
    basic: { rate: { requestsPerSecond: 0.05, burst: 2 }, quota: { requests: 5, period: 'day' } },
    premium: { rate: { requestsPerSecond: 0.2, burst: 4 }, quota: { requests: 12, period: 'day' } },
  },
} as const;
export type Limits = keyof typeof LIMITS;

/** The part of the document that all programs share. Monday, 10 o'clock in New York. */
export const worldDocument = (limits: Limits) => ({
  version: 1,
  start: '2026-03-02T15:00:00Z',
  duration: '1h',
  behaviour: 'hostile',
  tiers: {
    basic: { model: 'mistral.ministral-3-8b-instruct', wire: 'converse', ...LIMITS[limits].basic },
    premium: { model: 'openai.gpt-oss-120b', wire: 'chat', ...LIMITS[limits].premium },
  },
  entitlements: ENTITLEMENTS,
});
