// Which policy folders do tests change: copies of the one that ships, with one thing in them replaced.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { put } from './command-line.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

/** A copy of the reference's policies; `changes` are a file, what stands there, and what is to. */
export const changedPolicies = (
  name: string,
  ...changes: readonly (readonly [string, string | RegExp, string])[]
): string => {
  for (const folder of ['cedar', 'iam'])
    for (const file of readdirSync(join(ROOT, 'policies', folder))) {
      const path = join(folder, file);
      const text = readFileSync(join(ROOT, 'policies', path), 'utf8');
      const changed = changes
        .filter(([changing]) => changing === path)
        .reduce((before, [, from, to]) => {
          const after = before.replace(from, to);
          if (after === before) throw new Error(`nothing to replace in ${path}`);
          return after;
        }, text);
      put(join(name, path), changed);
    }
  return placeOf(name);
};

/** The first permit of a file asks for the caller's own tenant no more. */
export const withoutTenantTest = (file: string) =>
  [
    `cedar/${file}.cedar`,
    ' &&\n  principal.hasTag("tenant") && principal.getTag("tenant") == context.input.clinic_id',
    '',
  ] as const;

/** Basic clinicians may ask for any clinic. */
export const TENANT_TEST_LOST = withoutTenantTest('clinical-data');
