// Is a model that a scenario slows down really slower, and no other?

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../sim/cli/files.ts';
import { readInputs } from '../sim/cli/inputs.ts';
import { fold } from '../sim/engines/run.ts';
import { MINUTE_US } from '../sim/kernel/clock.ts';

test('a model slowed ten times takes some ten times as long while it is slow; the other does not', async () => {
  const file = join(PACKAGE_ROOT, 'scenarios', 'model-brownout.yaml');
  const { inputs } = await readInputs(file, { platform: 'reference' });
  const { startUs } = inputs.scenario;
  const spans = { premium: { before: [], slow: [] }, basic: { before: [], slow: [] } };
  const { played, verdicts, measured } = await fold(inputs, {
    ...{ wallMs: () => 0, digested: false },
    observers: [
      {
        see: (event) => {
          if (event.kind !== 'exchange' || event.to !== 'model') return;
          const atUs = event.startedUs - startUs;
          if (atUs > 39 * MINUTE_US || event.reply.status !== 200) return;
          const tier = event.call.body.includes('openai.gpt-oss-120b') ? 'premium' : 'basic';
          const when =
            atUs < 19 * MINUTE_US ? 'before' : atUs > 21 * MINUTE_US ? 'slow' : undefined;
          if (when !== undefined)
            (spans[tier][when] as number[]).push(event.atUs - event.startedUs);
        },
      },
    ],
  });
  // Nothing else may be found either: test/clean.test.ts counts on that.
  expect([...verdicts, measured.limits].flatMap(({ findings }) => findings)).toEqual([]);
  expect(played).toMatchObject({ stalled: 0, partial: false });
  expect(verdicts.find(({ promise }) => promise === 'I1')?.evidence).toBeGreaterThan(0);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const slowed = ({ before, slow }: { readonly before: number[]; readonly slow: number[] }) =>
    mean(slow) / mean(before);
  // Waiting for a slot is slowed with the work that goes before; an answer's length is drawn.
  expect(slowed(spans.premium)).toBeGreaterThan(7);
  expect(slowed(spans.basic)).toBeGreaterThan(0.7);
  expect(slowed(spans.basic)).toBeLessThan(1.4);
});
