// Who lives in the house that real clients come to, and under which policies?

import { join } from 'node:path';
import { PACKAGE_ROOT, readCedar, readIam } from '../../sim/cli/files.ts';
import type { RunInputs } from '../../sim/engines/run.ts';
import { reference } from '../../sim/platforms/reference.ts';
import { loadScenario } from '../../sim/scenario.ts';

const USERS = '[{ id: dr.lee, role: physician }, { id: admin.park, role: admin }]';
const ZONE = 'zone: America/New_York, patients: 2';

/** Two clinics and a hospital; 15:00 UTC on a Monday is 10:00 for all of them. */
const SCENARIO = `version: 1
name: doors
title: Two clinics and a hospital whose users bring clients of their own.
start: 2026-03-02T15:00:00Z
duration: 1h
hosting: microvm
behaviour: helpful
tiers:
  basic: { model: mistral.ministral-3-8b-instruct, wire: chat, rate: { requestsPerSecond: 20, burst: 50 } }
  premium: { model: openai.gpt-oss-120b, wire: converse, rate: { requestsPerSecond: 20, burst: 50 } }
tenants:
  - { id: clinic-a, tier: basic, ${ZONE}, users: ${USERS} }
  - { id: clinic-b, tier: basic, ${ZONE}, users: ${USERS} }
  - { id: hospital-a, tier: premium, ${ZONE}, users: ${USERS} }
entitlements:
  - { tool: patient_context, tiers: [basic, premium], roles: [physician], object: own }
  - { tool: clinic_config, tiers: [basic, premium], roles: [physician, admin], object: own }
  - { tool: web_search, tiers: [premium], roles: [physician], object: none }
  - { tool: current_time, tiers: [basic, premium], roles: [physician, admin], object: none }
traffic:
  - name: unplayed
    arrivals: { kind: poisson, requestsPerHour: 1 }
    mix: { talk: 1 }
    turns: 1
    pause: 60s
    promptCharacters: 40
`;

const FOLDER = join(PACKAGE_ROOT, 'policies');

/** The reference platform with these three tenants in it. */
export const houseInputs = (): RunInputs => ({
  scenario: { ...loadScenario(SCENARIO, 'doors.yaml'), traffic: [] },
  seed: 1,
  platform: reference,
  cedarFiles: readCedar(FOLDER),
  swaps: new Map(),
  iamDocuments: readIam(FOLDER),
  traces: new Map(),
});
