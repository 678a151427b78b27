// What does a run with a source planted come to, and what does I11 say of two of them?

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT, readCedar, readIam } from '../../sim/cli/files.ts';
import type { Verdict } from '../../sim/domain/finding.ts';
import { behindTargets, HEALTHCARE_TARGETS, HEALTHCARE_TOOLS } from '../../sim/domain/tool.ts';
import { type Folded, fold } from '../../sim/engines/run.ts';
import {
  differentHistory,
  differingRange,
  Excerpt,
  type Retold,
  sameHistory,
} from '../../sim/engines/twice.ts';
import type { Make } from '../../sim/platforms/overriding.ts';
import { loadPolicies, PolicyEngine } from '../../sim/protocol/cedar.ts';
import { loadScenario } from '../../sim/scenario.ts';
import { room, SCENARIO } from './room.ts';

/** A run as another process tells of it, with all its events. */
export interface History extends Retold {
  readonly lines: readonly string[];
}

export interface Played extends History {
  readonly folded: Folded;
  readonly excerpt: Excerpt;
}

const FOLDER = join(PACKAGE_ROOT, 'policies');
// Read once a process: what is read is never changed, and each run has an engine of its own.
const iamDocuments = readIam(FOLDER);
const cedarFiles = readCedar(FOLDER);
const policies = loadPolicies(cedarFiles, behindTargets(HEALTHCARE_TOOLS, HEALTHCARE_TARGETS));

export const play = async (make: Make): Promise<Played> => {
  const scenario = loadScenario(readFileSync(join(room(), SCENARIO), 'utf8'), SCENARIO);
  const read = { scenario, cedarFiles, iamDocuments, swaps: new Map(), traces: new Map() };
  const excerpt = new Excerpt({ from: 0, to: Number.POSITIVE_INFINITY });
  const around = {
    wallMs: () => 0,
    policies: () => new PolicyEngine(policies),
    observers: [excerpt],
  };
  const folded = await fold({ ...read, seed: 1, platform: make }, around);
  const { digest, checkpoints } = folded;
  return { folded, excerpt, digest, checkpoints, lines: excerpt.lines };
};

/** The verdict of `run --twice` on a run and another. */
export const verdictOn = (one: Played, other: History): Verdict => {
  const range = differingRange(one, other);
  if (range === undefined) return sameHistory(one.folded);
  const [events, lines] = [one.excerpt.events, other.lines].map((all) =>
    all.slice(range.from, range.to),
  ) as [typeof one.excerpt.events, string[]];
  return differentHistory(one.folded, events, lines);
};
