// How does a test load two front doors: as processes, or all within its own?

import { execFileSync } from 'node:child_process';
import { readInputs } from '../../sim/cli/inputs.ts';
import { startFleet } from '../../sim/cli/load/fleet.ts';
import type { StartServer } from '../../sim/cli/load/loaded.ts';
import { frontDoorOnly } from '../../sim/cli/serve/front-door.ts';
import { type ServerProcess, startServer } from '../../sim/cli/server-process.ts';
import { reportOf } from '../../sim/cli/telling.ts';
import { DoorWatch } from '../../sim/engines/door-watch.ts';
import { WallClock, wallMs } from '../../sim/kernel/wall-clock.ts';
import { PlatformServer } from '../../sim/server.ts';
import { placeOf } from '../room.ts';

export interface Fleet {
  readonly limiter: 'local' | 'redis';
  readonly start?: typeof startServer;
  /** What happens once both doors are open, e.g. that a timer is set. */
  readonly opened?: (processes: readonly ServerProcess[]) => void;
}

/** What runs that this process started, how it was called: servers, and a Redis. */
export const ofFleet = (): readonly string[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*\d+\s+(\d+)\s+(.*)$/.exec(line))
    .filter((line) => line?.[1] === String(process.pid))
    .map((line) => line?.[2] ?? '')
    .filter((called) => / serve |redis-server/.test(called));

/** Two front doors of a scenario's platform. */
export const fleetOf = (
  file: string,
  { limiter, start = startServer, opened }: Fleet,
): StartServer => {
  return async (shiftUs, signal) => {
    const options = { platform: 'reference', out: placeOf('fleet') };
    const { inputs } = await readInputs(file, options);
    const processes: ServerProcess[] = [];
    const noting: typeof startServer = async (...asked) => {
      const server = await start(...asked);
      processes.push(server);
      return server;
    };
    const limitsOf = (tier: string) => inputs.scenario.tiers[tier]?.limits;
    const terms = { replicas: 2, limiter, limitsOf, start: noting };
    const fleet = await startFleet(file, options, shiftUs, terms, signal);
    opened?.(processes);
    return fleet;
  };
};

/** A server within this process, which does what `poolproof serve --child` does in its own. */
export const withinThis: typeof startServer = async (file, options, shiftUs, given = {}) => {
  const { inputs, hashes } = await readInputs(file, options);
  const clock = new WallClock(shiftUs);
  const watch = new DoorWatch();
  const secret = 'known to this test';
  const door =
    given.door === undefined
      ? undefined
      : await frontDoorOnly(inputs.platform, {
          ...{ secret, watch, clock, redisUrl: given.door.redisUrl },
        });
  const bare = { moves: [], changes: [], expects: [], thresholds: [] };
  const served = {
    ...inputs,
    scenario: { ...inputs.scenario, ...bare },
    ...(door === undefined ? {} : { platform: door.platform }),
  };
  const server = await PlatformServer.open(served, {
    ...{ clock, wallMs, host: '127.0.0.1', outsidePort: 0, insidePort: 0, secret },
    ...(given.door === undefined ? {} : { runtimeAt: given.door.of.insideUrl }),
    observers: [watch],
  });
  const ended = async () => {
    const folded = await server.close(31_000_000);
    clock.close();
    await door?.close();
    return folded;
  };
  return {
    ...{ pid: process.pid, outsideUrl: server.outsideUrl, insideUrl: server.insideUrl, secret },
    gone: () => false,
    endedUs: () => undefined,
    stop: async () => {
      const named = { hashes, waivers: [], compared: [], today: '2026-01-01', version: '0.0.0' };
      const about = { ...named, node: process.version, replay: '' };
      const report = reportOf(served, await ended(), about, 'wall');
      return { kind: 'report', report, tally: server.tally, door: watch.door() };
    },
    kill: async () => void (await ended()),
  };
};
