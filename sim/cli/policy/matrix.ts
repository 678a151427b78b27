// What does `poolproof policy matrix` do: go over every question that policies can tell apart.

import { join } from 'node:path';
import type { ExitCode } from '../../domain/exit-code.ts';
import type { PolicyMatrix } from '../../domain/policy-matrix.ts';
import { type Entitlements, matrixOf } from '../../policy/matrix.ts';
import { behindGateways } from '../../policy.ts';
import { matrixSentence } from '../../report/policy-matrix-sentence.ts';
import { matrixText } from '../../report/policy-matrix-text.ts';
import { EXAMPLE_FORM, json, MATRIX_FORM } from '../../report.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { loadScenario } from '../../scenario.ts';
import { PACKAGE_ROOT, readText, writeWhole } from '../files.ts';
import { Complaints } from '../options.ts';
import { progressOf, type Voice } from '../voice.ts';
import { readPolicyFolder } from './folder.ts';
import { checkFlags, type PolicyFlags, replayLine, tell } from './telling.ts';
import { chosenTools, type SpaceFlags, spaceOptions, termsOf } from './terms.ts';

export interface MatrixFlags extends SpaceFlags, PolicyFlags {
  readonly scenario?: string;
}

export const matrixCommand = (
  named: string | undefined,
  flags: MatrixFlags,
  voice: Voice,
): ExitCode => {
  const complaints = new Complaints();
  const folder = complaints.attempt(() => readPolicyFolder(named));
  checkFlags('matrix', flags, ['json', 'text'], complaints);
  const entitlements = entitlementsOf(named, flags.scenario, complaints);
  if (folder === undefined) complaints.tell();
  if (folder === undefined) throw new Error('a folder without complaints was not read');
  const tools = chosenTools(behindGateways(folder.gateways), flags.tool, complaints);
  const { terms, tenancy } = termsOf([folder], flags, complaints, {
    tiers: entitlements?.tiers ?? [],
    roles: entitlements?.roles ?? [],
    zones: entitlements?.zones ?? [],
    ...(entitlements === undefined ? {} : { usualUs: entitlements.startUs }),
  });
  complaints.tell();
  const bar = progressOf(voice, flags.quiet, 'matrix', 'tools');
  const judged = matrixOf({
    tools,
    policies: folder.policies,
    iam: folder.iam,
    entitlements,
    withoutTools: flags.tool === undefined,
    terms,
    tenancy,
    isStopped: voice.stopped,
    progress: (done) => bar.update(done, tools.length, {}),
  });
  bar.stop();
  const report: PolicyMatrix = {
    ...judged,
    version: voice.version,
    folder: folder.folder,
    sentence: matrixSentence(judged),
    replay: replayLine('matrix', named, {
      scenario: flags.scenario,
      ...spaceOptions(flags),
    }),
  };
  const text = (columns: number): string => matrixText(report, columns);
  tell(
    'matrix',
    { sentence: report.sentence, json: json(MATRIX_FORM, report), text },
    flags,
    voice,
  );
  // Each as an example that `policy test` asks again, once it stands among those that must be denied.
  const examples = report.counterexamples.map(({ example }, index) => ({
    name: `counterexample-${index + 1}.json`,
    text: json(EXAMPLE_FORM, example),
  }));
  writeWhole(flags.out ?? join('out', 'policy-matrix'), examples);
  return report.exitCode;
};

/** The scenario named; with the policies that ship, the day that they were written for. */
const entitlementsOf = (
  folder: string | undefined,
  named: string | undefined,
  complaints: Complaints,
): Entitlements | undefined => {
  if (folder !== undefined && named === undefined) return undefined;
  const file = named ?? join(PACKAGE_ROOT, 'scenarios', 'healthcare-day.yaml');
  const scenario = complaints.attempt(() => loadScenario(readText(file, 'scenario'), file));
  if (scenario === undefined) return undefined;
  const people = scenario.tenants.flatMap(({ users }) => users);
  return {
    scenario: named ?? 'healthcare-day',
    table: scenario.entitlements,
    tiers: Object.keys(scenario.tiers),
    tenants: scenario.tenants.map(({ id }) => id),
    roles: [
      ...new Set([
        ...people.map(({ role }) => role),
        ...scenario.entitlements.flatMap(({ roles }) => roles),
      ]),
    ],
    zones: zonesOf(scenario),
    startUs: scenario.startUs,
  };
};

const zonesOf = ({ tenants }: Scenario): readonly string[] => {
  const zones = [...new Set(tenants.map(({ zone }) => zone))];
  return zones.length === 0 ? ['UTC'] : zones;
};
