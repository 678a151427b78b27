// What is complained of in a small scenario, as it is or with one piece replaced?

import { expect } from 'vitest';
import { UsageError } from '../../sim/domain/usage-error.ts';
import { loadScenario } from '../../sim/scenario.ts';

export const GOOD = `version: 1
name: small
title: Two tenants and one stream.
start: 2026-03-02T00:00:00Z
duration: 24h
tiers:
  basic: { model: mistral.ministral-3-8b-instruct, wire: converse }
  premium: { model: openai.gpt-oss-120b, wire: chat, quota: { requests: 500, period: day } }
tenants:
  - { id: clinic-a, tier: basic, zone: America/New_York, users: [{ id: dr.lee, role: physician }] }
  - { id: clinic-b, tier: premium, zone: America/Chicago, users: [{ id: dr.lee, role: nurse }] }
entitlements:
  - { tool: clinic_config, tiers: [basic], roles: [physician], object: own }
traffic:
  - name: rounds
    arrivals: { kind: poisson, requestsPerHour: 36 }
    mix: { talk: 1 }
`;

export const complaintsOf = (text: string): string => {
  try {
    loadScenario(text, 'x.yaml');
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return '';
};

/** The complaints of the good scenario with one piece replaced. */
export const withInstead = (piece: string, other: string): string => {
  expect(GOOD).toContain(piece);
  return complaintsOf(GOOD.replace(piece, other));
};

export const more = (lines: string): string => complaintsOf(`${GOOD}${lines}`);
