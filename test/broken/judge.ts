// What do all checks say of a platform: one fold of a small scenario, or two for determinism.

import { join } from 'node:path';
import { PACKAGE_ROOT, readCedar, readIam } from '../../sim/cli/files.ts';
import type { Verdict } from '../../sim/domain/finding.ts';
import { type Folded, fold, type RunInputs } from '../../sim/engines/run.ts';
import { targetTools } from '../../sim/engines/target-tools.ts';
import { differentHistory, Excerpt, sameHistory } from '../../sim/engines/twice.ts';
import type { Make } from '../../sim/platforms/overriding.ts';
import { reference } from '../../sim/platforms/reference.ts';
import { loadPolicies, PolicyEngine } from '../../sim/protocol/cedar.ts';
import type { Scenario } from '../../sim/scenario/schema.ts';
import { loadScenario } from '../../sim/scenario.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';

const FOLDER = join(PACKAGE_ROOT, 'policies');
const POLICIES = { cedarFiles: readCedar(FOLDER), iamDocuments: readIam(FOLDER) };

/** Each scenario as it is read, with the Cedar engine for its tools: one for all platforms. */
const read = new Map<
  ScenarioName,
  { readonly scenario: Scenario; readonly engine: PolicyEngine }
>();

const readFor = (under: ScenarioName) => {
  const known = read.get(under);
  if (known !== undefined) return known;
  const scenario = loadScenario(SCENARIOS[under], `${under}.yaml`);
  const engine = new PolicyEngine(loadPolicies(POLICIES.cedarFiles, targetTools(scenario)));
  const made = { scenario, engine };
  read.set(under, made);
  return made;
};

/** The verdicts by promise. `twice` folds the same again and judges determinism, too. */
export const verdictsOn = async (
  make: Make,
  under: ScenarioName,
  twice = false,
): Promise<ReadonlyMap<string, Verdict>> => {
  const one = await played(make, under, twice);
  const verdicts = [...one.folded.verdicts, one.folded.measured.limits];
  if (twice) {
    const other = await played(make, under, twice);
    const isSame = one.folded.digest === other.folded.digest;
    const { folded, excerpt } = one;
    verdicts.push(
      isSame ? sameHistory(folded) : differentHistory(folded, excerpt.events, other.excerpt.lines),
    );
  }
  return new Map(verdicts.map((verdict) => [verdict.promise, verdict]));
};

/** The verdicts on the reference, folded once a scenario. */
export const verdictsOnReference = (under: ScenarioName): ReturnType<typeof verdictsOn> => {
  const known = references.get(under);
  if (known !== undefined) return known;
  const verdicts = verdictsOn(reference, under, true);
  references.set(under, verdicts);
  return verdicts;
};

const references = new Map<ScenarioName, ReturnType<typeof verdictsOn>>();

const played = async (
  make: Make,
  under: ScenarioName,
  isKept: boolean,
): Promise<{ readonly folded: Folded; readonly excerpt: Excerpt }> => {
  const { scenario, engine } = readFor(under);
  const inputs: RunInputs = {
    ...POLICIES,
    scenario,
    seed: 1,
    platform: make,
    swaps: new Map(),
    traces: new Map(),
  };
  const excerpt = new Excerpt({ from: 0, to: isKept ? Number.POSITIVE_INFINITY : 0 });
  return {
    folded: await fold(inputs, {
      wallMs: () => 0,
      policies: () => engine,
      digested: isKept,
      observers: [excerpt],
    }),
    excerpt,
  };
};
