// Is every report that a test wrote as its JSON Schema says, and which file has which schema?

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { ROOT } from '../tidy/house.ts';

/** The JSON files that commands write, and the schema of each. */
export const SCHEMA_OF: Readonly<Record<string, string>> = {
  'report.json': 'report',
  'verify.json': 'verify',
  'faults.json': 'faults',
  'limiter.json': 'limiter',
  'judge.json': 'judge',
  'check.json': 'policy-check',
  'test.json': 'policy-test',
  'coverage.json': 'policy-coverage',
  'mutants.json': 'policy-mutants',
  'matrix.json': 'policy-matrix',
  'counterexample.json': 'policy-example',
  'diff.json': 'policy-diff',
  'bench.json': 'policy-bench',
  'load.json': 'load',
  'target.json': 'target-load',
  'dry-run.json': 'dry-run',
};

const known = new Map<string, ValidateFunction>();

/** What holds a value against a schema that ships, by Ajv at its strictest. */
export const validatorOf = (name: string): ValidateFunction => {
  const found = known.get(name);
  if (found !== undefined) return found;
  const schema = JSON.parse(readFileSync(`${ROOT}reports/${name}.schema.json`, 'utf8'));
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });
  const made = ajv.compile(schema as object);
  known.set(name, made);
  return made;
};

/** Complaints about every JSON report under a folder, also of one that has no schema. */
export const reportsNotHeld = (folder: string): readonly string[] =>
  filesUnder(folder)
    .filter((path) => path.endsWith('.json'))
    .flatMap((path) => {
      const report = reportIn(path);
      if (report === undefined) return [];
      const name = SCHEMA_OF[basename(path).replace(/-\d+\.json$/, '.json')];
      if (name === undefined) return [`${path}: a report without a schema`];
      const accepts = validatorOf(name);
      return accepts(report) ? [] : [`${path}: ${JSON.stringify(accepts.errors)}`];
    });

/** What ends in the line that repeats it, or was made out of such a report, is one. */
const reportIn = (path: string): unknown => {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    const isReport = keys.includes('sentence') || /counterexample-\d+\.json$/.test(path);
    return isReport ? value : undefined;
  } catch {
    return undefined;
  }
};

const filesUnder = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        // A link to the package leads to what its user has written, perhaps with an older version.
        .filter((path) => !path.split(sep).includes('node_modules'))
        .map((path) => join(folder, path))
    : [];
