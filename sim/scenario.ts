// What is to be simulated: the text of a scenario becomes a plain object, or all its complaints.

import { stringify } from 'yaml';
import { z } from 'zod';
import { type Complaint, inOrder, UsageError } from './domain/usage-error.ts';
import { modelProblems } from './kernel/arrivals.ts';
import { arrivalsOf } from './scenario/arrivals.ts';
import { DOCUMENT } from './scenario/document.ts';
import { lifeProblems } from './scenario/lives.ts';
import { scenarioOf } from './scenario/loading.ts';
import { moveForm } from './scenario/moves-form.ts';
import { declaredNames, nameProblems } from './scenario/names.ts';
import { pathText, readYaml } from './scenario/positions.ts';
import type { Scenario } from './scenario/schema.ts';
import { thresholdProblems } from './scenario/thresholds.ts';
import { timeProblems } from './scenario/times.ts';
import type { Problem } from './scenario/wording.ts';
import { problem, problemsOf, worded } from './scenario/wording.ts';

export { arrivalsOf, type Sender } from './scenario/arrivals.ts';
export { contractJsonSchema, loadContract } from './scenario/contract-file.ts';
export { QUOTA, RATE_LIMIT } from './scenario/document.ts';
export { formatDuration, parseDurationUs } from './scenario/duration.ts';
export * from './scenario/move.ts';
export * from './scenario/schema.ts';
export { moveForm };

/**
 * Reads a scenario. `file` is only shown. Throws a UsageError with every complaint, in the order of
 * the file. Pure: it reads no file, neither the trace nor the policies that the scenario names.
 */
export const loadScenario = (text: string, file: string): Scenario => {
  const { complaints, data, complaintOf } = readYaml(text, file);
  if (data === undefined) throw new UsageError(complaints);
  return scenarioIn(data, complaintOf, complaints);
};

/** A document as a file that `loadScenario` takes: no anchors, however often a value stands in it. */
export const scenarioText = (document: Readonly<Record<string, unknown>>): string =>
  stringify(document, { aliasDuplicateObjects: false });

/** The scenario that plain data describe, as `loadScenario` reads it from a file. */
export const scenarioOfData = (data: unknown, file: string): Scenario =>
  scenarioIn(data, ({ path, message }) => ({ file, path: pathText(path), message }), []);

const scenarioIn = (
  data: unknown,
  complaintOf: (found: Problem) => Complaint,
  complaints: readonly Complaint[],
): Scenario => {
  const names = declaredNames(data);
  const read = DOCUMENT.safeParse(data, { error: worded, reportInput: true });
  const problems = [
    ...(read.success ? [] : problemsOf(read.error.issues)),
    ...nameProblems(data, names),
    ...timeProblems(data),
    ...thresholdProblems(data, names),
    ...lifeProblems(data),
  ];
  const all = [...complaints, ...problems.map(complaintOf)];
  if (!read.success || all.length > 0) throw new UsageError(inOrder(all));
  const scenario = scenarioOf(read.data, names);
  const overloaded = loadProblems(scenario).map(complaintOf);
  if (overloaded.length > 0) throw new UsageError(overloaded);
  return scenario;
};

/** The JSON Schema (draft 7, which editors know best) of a scenario as it is written. */
export const scenarioJsonSchema = (): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(DOCUMENT, { io: 'input', target: 'draft-7' });

/** Totals that would need more than the kernel's greatest rate. */
const loadProblems = (scenario: Scenario): Problem[] =>
  scenario.traffic.flatMap((stream, index) => {
    const model = arrivalsOf(stream, { weight: 1, share: 1, zone: 'UTC' });
    const found = model === undefined ? [] : modelProblems(model);
    return found.map(({ message }) =>
      problem(['traffic', index, 'total'], 'is more than the time can hold', message),
    );
  });
