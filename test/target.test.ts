// Is a gateway that a user deployed driven safely, judged rightly from outside, and left clean?

import { afterEach, expect, test } from 'vitest';
import { WallClock } from '../sim/kernel/wall-clock.ts';
import { loadTarget, runTarget, type TargetRun, targetScenario } from '../sim/load.ts';
import { loadScenario } from '../sim/scenario.ts';
import { smallScenario } from './command-line.ts';
import { type Gateway, type GatewaySettings, openGateway } from './target/gateway.ts';
import { ENVIRONMENT, EVENTS, targetYaml } from './target/yaml.ts';

const open: Gateway[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});

const deployed = async (settings: GatewaySettings = {}): Promise<Gateway> => {
  const gateway = await openGateway(settings);
  open.push(gateway);
  return gateway;
};

interface Driving {
  readonly yaml?: Parameters<typeof targetYaml>[1];
  /** Of each tenant. */
  readonly requestsPerSecond?: number;
  readonly seconds?: number;
  readonly stopped?: () => boolean;
  readonly maxRate?: number;
}

const driven = async (gateway: Gateway, driving: Driving = {}): Promise<TargetRun> => {
  const { requestsPerSecond = 4, seconds = 1.5 } = driving;
  const loaded = loadTarget(targetYaml(gateway.url, driving.yaml), 'small.yaml', ENVIRONMENT);
  const text = smallScenario({ requestsPerHour: requestsPerSecond * 3600 });
  const { scenario } = targetScenario(loadScenario(text, 's.yaml'), loaded.target, 's.yaml');
  const clock = new WallClock();
  try {
    return await runTarget({ scenario, seed: 1, traces: new Map() }, seconds * 1e6, loaded, {
      ...{ clock, shiftUs: 0, hosts: [], maxRate: driving.maxRate, run: 'r1', hash: '', replay: '' },
      stopped: driving.stopped ?? (() => false),
    });
  } finally {
    clock.close();
  }
};

const findingsOf = ({ generated, target }: TargetRun): readonly string[] => [
  ...generated.verdict.findings.map(({ violation }) => `${violation.promise} ${violation.title}`),
  ...target.findings.map(({ promise, title }) => `${promise} ${title}`),
];

test.each([false, true])('a gateway that does right is found to, and is left clean (streams: %s)', async (streams) => {
  const gateway = await deployed({ streams });
  const run = await driven(gateway, {
    requestsPerSecond: 8,
    ...(streams ? { yaml: { answer: EVENTS } } : {}),
  });
  const { generated, target } = run;
  expect(findingsOf(run)).toEqual([]);
  expect(generated.tally.all.completed).toBe(target.answered);
  expect(target.answered).toBeGreaterThan(10);
  expect(generated.tally.all.refused).toBeGreaterThan(0);
  expect(target.usage).toEqual({
    inputTokens: 7 * target.answered,
    outputTokens: 11 * target.answered,
  });
  // Own canaries, of prompts and of documents, were met: a scan that sees nothing proves nothing.
  expect(generated.verdict.controls).toBeGreaterThanOrEqual(2 * target.answered);
  expect(target.limits.map(({ verdict }) => verdict)).toEqual(['held', 'held']);
  expect(target.canaries).toEqual({ planted: 2, cleaned: 2, left: [], failed: [] });
  expect(gateway.documents.size).toBe(0);
  expect(target.inconclusive).toEqual([]);
});
