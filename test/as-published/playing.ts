// How is the platform as published played: two clinics and two hospitals, and what was found there.

import { join } from 'node:path';
import { PACKAGE_ROOT, readCedar, readIam } from '../../sim/cli/files.ts';
import type { Ended, HistoryEvent } from '../../sim/domain/history.ts';
import type { Platform, PlatformKit } from '../../sim/domain/ports.ts';
import { type Folded, fold } from '../../sim/engines/run.ts';
import { asPublished } from '../../sim/platforms/as-published.ts';
import { loadScenario } from '../../sim/scenario.ts';

const FOLDER = join(PACKAGE_ROOT, 'policies');

export interface Parts {
  readonly duration: string;
  readonly pause?: string;
  readonly users?: string;
  readonly start?: string;
  readonly basic?: string;
  readonly perHour?: number;
  readonly hosting?: string;
  readonly more?: string;
}

export const PHYSICIANS = '[{ id: dr.lee, role: physician }, { id: dr.fox, role: physician }]';
export const EVERYONE = '[{ id: dr.lee, role: physician }, { id: admin.park, role: admin }]';
const HOURS = 'hours: { from: "08:00", to: "18:00" }';
const TENANTS = [
  'clinic-a: basic',
  'clinic-b: basic',
  'hospital-a: premium',
  'hospital-b: premium',
];

const tenantOf = (line: string, users: string): string => {
  const [id, tier] = line.split(': ');
  return `  - { id: ${id}, tier: ${tier}, zone: America/New_York, patients: 2, users: ${users} }`;
};

/** Two clinics and two hospitals; 15:00 UTC is 10:00 for all of them. */
const scenarioOf = (parts: Parts): string => `version: 1
name: as-published
title: Two clinics and two hospitals on the platform as published.
start: ${parts.start ?? '2026-03-02T15:00:00Z'}
duration: ${parts.duration}
hosting: ${parts.hosting ?? 'microvm'}
behaviour: helpful
tiers:
  basic:
    model: mistral.ministral-3-8b-instruct
    wire: chat
    ${parts.basic ?? 'rate: { requestsPerSecond: 2, burst: 5 }'}
  premium:
    model: openai.gpt-oss-120b
    wire: chat
    rate: { requestsPerSecond: 10, burst: 20 }
tenants:
${TENANTS.map((line) => tenantOf(line, parts.users ?? PHYSICIANS)).join('\n')}
entitlements:
  - { tool: patient_context, tiers: [basic], roles: [physician], object: own, ${HOURS} }
  - { tool: patient_context, tiers: [premium], roles: [physician], object: own }
  - { tool: retrieve_clinic_documents, tiers: [basic], roles: [physician], object: own, ${HOURS} }
  - { tool: retrieve_clinic_documents, tiers: [premium], roles: [physician], object: own }
  - { tool: clinic_config, tiers: [basic, premium], roles: [physician, admin], object: own }
  - { tool: web_search, tiers: [premium], roles: [physician], object: none }
  - { tool: current_time, tiers: [basic, premium], roles: [physician, admin], object: none }
traffic:
  - name: work
    arrivals: { kind: poisson, requestsPerHour: ${parts.perHour ?? 12} }
    mix: { patient_context: 3, clinic_config: 2, retrieve_clinic_documents: 3, current_time: 1, talk: 6 }
    turns: 3
    pause: ${parts.pause ?? '60s'}
    promptCharacters: 40
${parts.more ?? ''}
`;

/** Limits that a clinic's traffic reaches. */
export const SMALL = 'rate: { requestsPerSecond: 0.02, burst: 3 }';

/** No token reaches its end in it, and every asker is entitled to what is asked. */
export const HONEST: Parts = { duration: '50m' };
class Asks {
  readonly ended: Ended[] = [];

  see(event: HistoryEvent): void {
    if (event.kind === 'ended' && event.request?.kind === 'ask') this.ended.push(event);
  }
}

export interface Played {
  readonly folded: Folded;
  readonly asks: readonly Ended[];
  /** Everything found, as `promise boundary: title`. */
  readonly found: readonly string[];
}

export const played = async (
  parts: Parts,
  platform: (kit: PlatformKit) => Platform = asPublished(),
): Promise<Played> => {
  const asks = new Asks();
  const folded = await fold(
    {
      cedarFiles: readCedar(FOLDER),
      iamDocuments: readIam(FOLDER),
      scenario: loadScenario(scenarioOf(parts), 'as-published.yaml'),
      seed: 1,
      platform,
      swaps: new Map(),
      traces: new Map(),
    },
    { wallMs: () => 0, observers: [asks] },
  );
  const found = [...folded.verdicts, folded.measured.limits].flatMap(({ findings }) =>
    findings.map(
      ({ violation: { promise, boundary, title } }) => `${promise} ${boundary}: ${title}`,
    ),
  );
  return { folded, asks: asks.ended, found };
};
