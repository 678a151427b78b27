// Under which circumstances are platforms tried: small scenarios, each with what some faults need.

/** A clinic and two hospitals at work, attacked, one of them suspended for a while. */
const DAY = {
  duration: '2h30m',
  more: `changes:
  - { at: 55m, kind: suspend, tenant: clinic-e }
  - { at: 90m, kind: resume, tenant: clinic-e }
  - { at: 100m, kind: rotate-keys }
probes: { every: 48m, kinds: all }`,
};

/** What authorization and data rest on fails, one after the other. */
const FAULTS = {
  duration: '2h',
  requestsPerHour: 80,
  more: `faults:
  - { at: 10m, for: 60m, service: credentials, kind: failing, share: 0.5 }
  - { at: 75m, for: 10m, service: policy, kind: gone }
  - { at: 87m, for: 15m, service: sts, kind: gone }
  - { at: 105m, for: 15m, service: knowledge, kind: gone }`,
};

/** More is asked for than anybody is promised. */
const FLOOD = {
  duration: '30m',
  basic: 'rate: { requestsPerSecond: 0.02, burst: 3 }\n    quota: { requests: 25, period: day }',
  premium: 'rate: { requestsPerSecond: 0.05, burst: 3 }',
  requestsPerHour: 120,
  turns: 1,
};

/** A tenant leaves, and another comes under its id before what it left is gone. */
const LIVES = {
  duration: '90m',
  more: `changes:
  - { at: 30m, kind: offboard, tenant: hospital-a }
  - at: 32m
    kind: onboard
    tenant: hospital-a
    tier: premium
    zone: America/New_York
    users: [{ id: dr.foster, role: physician }, { id: nurse.young, role: nurse }]`,
};

/** Users talk and come back to what they said; nobody attacks. */
const TALK = {
  duration: '2h',
  requestsPerHour: 30,
  mix: '{ patient_context: 1, talk: 4 }',
};

interface Parts {
  readonly duration: string;
  readonly basic?: string;
  readonly premium?: string;
  readonly requestsPerHour?: number;
  readonly mix?: string;
  readonly turns?: number;
  readonly more?: string;
}

const MIX =
  '{ patient_context: 3, clinic_config: 2, retrieve_clinic_documents: 3, web_search: 2, current_time: 1 }';

const text = (name: string, parts: Parts): string => `version: 1
name: ${name}
title: A clinic and two hospitals of both tiers.
start: 2026-03-02T15:00:00Z
duration: ${parts.duration}
behaviour: helpful
tiers:
  basic:
    model: mistral.ministral-3-8b-instruct
    wire: converse
    ${parts.basic ?? 'rate: { requestsPerSecond: 2, burst: 5 }'}
  premium:
    model: openai.gpt-oss-120b
    wire: chat
    ${parts.premium ?? 'rate: { requestsPerSecond: 10, burst: 20 }'}
tenants:
  - id: clinic-a
    tier: basic
    zone: America/New_York
    patients: 2
    users:
      - { id: dr.smith, role: physician }
      - { id: nurse.lee, role: nurse }
      - { id: admin.park, role: admin }
  - id: hospital-a
    tier: premium
    zone: America/New_York
    patients: 2
    users:
      - { id: dr.foster, role: physician }
      - { id: dr.wilson, role: physician }
      - { id: nurse.young, role: nurse }
  - id: clinic-e
    tier: premium
    zone: America/Chicago
    patients: 2
    users: [{ id: dr.anderson, role: physician }, { id: admin.long, role: admin }]
entitlements:
  - tool: patient_context
    tiers: [basic]
    roles: [physician, nurse]
    object: own
    hours: { from: "08:00", to: "18:00" }
  - { tool: patient_context, tiers: [premium], roles: [physician, nurse], object: own }
  - tool: retrieve_clinic_documents
    tiers: [basic]
    roles: [physician, nurse]
    object: own
    hours: { from: "08:00", to: "18:00" }
  - { tool: retrieve_clinic_documents, tiers: [premium], roles: [physician, nurse], object: own }
  - { tool: clinic_config, tiers: [basic, premium], roles: [physician, nurse, admin], object: own }
  - { tool: web_search, tiers: [premium], roles: [physician, nurse], object: none }
  - { tool: current_time, tiers: [basic, premium], roles: [physician, nurse, admin], object: none }
traffic:
  - name: work
    arrivals: { kind: poisson, requestsPerHour: ${parts.requestsPerHour ?? 12} }
    mix: ${parts.mix ?? MIX}
    turns: ${parts.turns ?? 3}
    pause: 90s
    promptCharacters: 40
${parts.more ?? ''}
`;

export const SCENARIOS = {
  day: text('day', DAY),
  faults: text('faults', FAULTS),
  flood: text('flood', FLOOD),
  lives: text('lives', LIVES),
  talk: text('talk', TALK),
} as const;

export type ScenarioName = keyof typeof SCENARIOS;
