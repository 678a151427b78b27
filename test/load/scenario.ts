// What do the tests of a load play: two clinics and a hospital that ask several times a second, with short answers that hold a canary.

export const shortAnswers = (more = ''): string => `version: 1
name: brisk
title: Two clinics and a hospital ask several times a second.
start: 2026-03-02T15:00:00Z
duration: 1h
tiers:
  basic:
    model: mistral.ministral-3-8b-instruct
    wire: converse
    rate: { requestsPerSecond: 2, burst: 3 }
    quota: { requests: 50, period: day }
  premium:
    model: openai.gpt-oss-120b
    wire: chat
    rate: { requestsPerSecond: 10, burst: 20 }
    quota: { requests: 500, period: day }
tenants:
  - id: clinic-a
    tier: basic
    zone: America/New_York
    users: [{ id: dr.smith, role: physician }, { id: nurse.lee, role: nurse }]
  - id: clinic-b
    tier: basic
    zone: America/New_York
    users: [{ id: dr.chen, role: physician }]
  - id: hospital-a
    tier: premium
    zone: America/New_York
    users: [{ id: dr.foster, role: physician }, { id: nurse.young, role: nurse }]
entitlements:
  - { tool: clinic_config, tiers: [basic, premium], roles: [physician, nurse], object: own }
traffic:
  - name: brisk
    tenants: all
    arrivals: { kind: poisson, requestsPerSecond: 5 }
    mix: { clinic_config: 1, talk: 1 }
    maxOutputTokens: 48
${more}`;
