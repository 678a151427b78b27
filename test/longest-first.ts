// In which order are the files of tests begun: what takes longest first, so that all workers end together.

import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Those that take more than ten seconds of one core, the longest first: measured. On a fresh clone
 * Vitest knows nothing but the size of a file.
 */
const LONGEST: readonly string[] = [
  'readme',
  'verify',
  'broken-platforms',
  'serve-command',
  'verify-command',
  'determinism',
  'clean',
  'load-fleet',
  'limits',
  'faults',
  'run',
  'limiters',
  'nondeterminism',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.indexOf(basename(moduleId, '.test.ts'));
      return place < 0 ? LONGEST.length : place;
    };
    return usual.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}
