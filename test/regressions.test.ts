// Does what was once found stay mended: every program kept in scenarios/regressions, on the reference?

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../sim/cli/files.ts';
import { readInputs } from '../sim/cli/inputs.ts';
import { fold } from '../sim/engines/run.ts';
import { run } from '../sim/index.ts';

const FOLDER = join(PACKAGE_ROOT, 'scenarios', 'regressions');
const kept = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

test('programs are kept', () => {
  expect(kept.length).toBeGreaterThanOrEqual(3);
});

test.each(kept)('%s finds nothing any more', async (name) => {
  const { inputs } = await readInputs(join(FOLDER, name), { platform: 'reference' });
  const { verdicts, measured, played } = await fold(inputs, { wallMs: () => 0 });
  const found = [...verdicts, measured.limits].flatMap(({ findings }) =>
    findings.map(({ violation }) => `${violation.promise} ${violation.title}`),
  );
  expect(found).toEqual([]);
  expect(played.stalled).toBe(0);
  // What an observer sees is held against a second run, which `run` plays.
  if (inputs.scenario.observer === undefined) return;
  const { findings } = await run(join(FOLDER, name));
  expect(findings.map(({ title }) => title)).toEqual([]);
});
