// Do the matchers for a user's own suite hold what is sound, and say of what is not what was found?

import { expect, test } from 'vitest';
import { faultOf } from '../sim/faults.ts';
import { reference, run, verify } from '../sim/index.ts';
import type { Judged } from '../sim/report.ts';
import '../sim/vitest.ts';
import { put, smallScenario } from './command-line.ts';

/** What an expectation says when it fails. */
const saidBy = (expectation: () => void): string => {
  try {
    expectation();
  } catch (problem) {
    return (problem as Error).message;
  }
  return 'nothing';
};

const forgetful = faultOf('memory-one-namespace').make;
/** Verified once for those who ask. */
const broken = (() => {
  let begun: ReturnType<typeof verify> | undefined;
  return () => {
    begun ??= verify({ platform: forgetful, seed: 3, runs: 3 });
    return begun;
  };
})();

test('the reference holds isolation, and each promise that was tried', async () => {
  const verified = await verify({ seed: 3, runs: 3 });
  expect(verified).toHoldIsolation();
  expect(verified).toHold('I1', 'I2', 'I3');
  expect(verified).toMatchObject({ platform: 'reference', exitCode: 0, findings: [] });
  const platform = (kit: Parameters<typeof reference>[0]) => ({ ...reference(kit), name: 'mine' });
  expect(await verify({ platform, seed: 3, runs: 1 })).toHoldIsolation();
});

test('a broken platform does not, and the message tells each finding and how to see it again', async () => {
  const verified = await broken();
  expect(verified).not.toHoldIsolation();
  expect(verified).not.toHold('I1');
  const said = saidBy(() => expect(verified).toHoldIsolation());
  expect(said.startsWith(`${verified.sentence}\n\n`)).toBe(true);
  for (const { promise, title, id } of verified.findings)
    expect(said).toMatch(new RegExp(`  ${title} .*finding \\d.*\\n${promise}, id ${id}, seen`));
  expect(said).toMatch(/\nLet:\n {2}E1 = .*\nThen:\n {2}- .*a contradiction\.\n/s);
  expect(said).toContain('\nReplay: verify({ platform, seed: 3, runs: 3 })');
  const onlyI1 = saidBy(() => expect(verified).toHold('I1'));
  expect(onlyI1).toMatch(/^I1, id /m);
  expect(onlyI1).not.toMatch(/^I3, id /m);
});

test('a scenario of a file is run as the command runs it', async () => {
  const file = put('matchers/small.yaml', smallScenario({ expects: '[I1, I5]' }));
  const report = await run(file, { seed: 7 });
  expect(report).toHoldIsolation();
  expect(report).toHold('I1', 'I5');
  expect(report).toMatchObject({ seed: 7, exitCode: 0 });
  expect(report.replay).toBe(`npx poolproof run ${file} --seed 7`);
});

test('a scenario that expects determinism is played again', async () => {
  const file = put('matchers/again.yaml', smallScenario({ expects: '[I1, I11]' }));
  expect(await run(file)).toHold('I11');
  const counting = { made: 0 };
  const platform = (kit: Parameters<typeof reference>[0]) => {
    counting.made += 1;
    const sound = reference(kit);
    const late = counting.made % 2;
    const web = sound.services.tools;
    return {
      ...sound,
      services: {
        ...sound.services,
        tools: async (...[call, hop]: Parameters<typeof web>) => {
          await hop.sleep(late);
          return web(call, hop);
        },
      },
    };
  };
  const report = await run(file, { platform });
  expect(report).not.toHold('I11');
  expect(saidBy(() => expect(report).toHold('I11'))).toContain(`Replay: run('${file}', { platform`);
});

const JUDGED: Judged = {
  sentence: 'Nothing much.',
  verdict: 'pass',
  partial: false,
  findings: [],
  promises: [
    { id: 'I1', evidence: 5 },
    { id: 'I2', evidence: 0 },
  ],
  replay: 'npx poolproof run small.yaml',
};

test('what met no evidence holds neither a promise nor its opposite', () => {
  const said = 'Nothing was found, but no evidence was met on I2 Noninterference: that is no pass.';
  expect(saidBy(() => expect(JUDGED).toHold('I1', 'I2'))).toContain(said);
  expect(saidBy(() => expect(JUDGED).not.toHold('I2'))).toContain(said);
  const empty = { ...JUDGED, promises: [] };
  expect(saidBy(() => expect(empty).toHoldIsolation())).toContain('that is no pass');
  const early = { ...JUDGED, partial: true, verdict: 'inconclusive' as const };
  expect(saidBy(() => expect(early).toHoldIsolation())).toContain('stopped before its end');
  const unmet = { ...JUDGED, verdict: 'inconclusive' as const };
  expect(saidBy(() => expect(unmet).toHoldIsolation())).toContain('that is no pass');
  expect(unmet).toHold('I1');
});

test('an opposite that does not come true says what held', () => {
  expect(saidBy(() => expect(JUDGED).not.toHold('I1'))).toBe(
    'Nothing much.\n\nA finding was expected, and I1 No flow held.\nReplay: npx poolproof run small.yaml',
  );
});

test('a waived finding is none, and an unknown promise is a mistake', async () => {
  const { findings } = await broken();
  const waived = { reason: 'known', owner: 'somebody', until: '2030-01-01' };
  const report = { ...JUDGED, findings: findings.map((finding) => ({ ...finding, waived })) };
  expect(report).toHoldIsolation();
  expect(() => expect(JUDGED).toHold('I99' as 'I9')).toThrow(
    'no promise is called I99: expected I1,',
  );
});
