// How does a test load a platform without a process of its own for the server?

import { readInputs } from '../../sim/cli/inputs.ts';
import type { LoadFlags, StartServer } from '../../sim/cli/load/loaded.ts';
import { loadCommand } from '../../sim/cli/load.ts';
import { reportOf } from '../../sim/cli/telling.ts';
import type { Voice } from '../../sim/cli/voice.ts';
import type { LoadReport } from '../../sim/domain/load-report.ts';
import type { Platform, PlatformKit } from '../../sim/domain/ports.ts';
import { WallClock, wallMs } from '../../sim/kernel/wall-clock.ts';
import { reference } from '../../sim/platforms/reference.ts';
import { PlatformServer } from '../../sim/server.ts';
import { placeOf } from '../room.ts';

/** Requests of one in-process load see this secret. */
const SECRET = 'known to this test';

export interface Loading {
  readonly platform?: (kit: PlatformKit) => Platform;
  readonly duration?: string;
  readonly inFlight?: string;
  readonly saturate?: string;
  /** The server is started otherwise, as several front doors. */
  readonly fleet?: { readonly limiter: 'local' | 'redis'; readonly start: StartServer };
  /** True once the user asks to stop. */
  readonly stopped?: () => boolean;
  /** The user asks to stop so long after the server is open, in milliseconds; 0: before. */
  readonly stopAfterMs?: number;
  /** The server is gone so long after it is open, in milliseconds. */
  readonly diesAfterMs?: number;
}

/** Loads a scenario's platform by the command itself, and gives back what it wrote. */
export const loaded = async (
  file: string,
  loading: Loading = {},
): Promise<{ readonly code: number; readonly report: LoadReport; readonly text: string }> => {
  let text = '';
  const asked = { stop: loading.stopAfterMs === 0 };
  const voice: Voice = {
    out: (more) => {
      text += more;
    },
    err: () => {},
    columns: 100,
    colour: false,
    lively: false,
    stopped: () => asked.stop || loading.stopped?.() === true,
    version: '0.0.0',
  };
  const flags: LoadFlags = {
    platform: 'reference',
    out: placeOf('load'),
    duration: loading.duration ?? '2s',
    inFlight: loading.inFlight ?? '5000',
    replicas: loading.fleet === undefined ? '1' : '2',
    ...(loading.fleet === undefined ? {} : { limiter: loading.fleet.limiter }),
    connections: '8',
    ...(loading.saturate === undefined ? {} : { saturate: loading.saturate }),
    stdout: 'json',
  };
  const start = loading.fleet?.start ?? startOf(file, flags, loading, asked);
  const code = await loadCommand(file, flags, voice, start);
  return { code, report: JSON.parse(text) as LoadReport, text };
};

const startOf =
  (file: string, flags: LoadFlags, loading: Loading, asked: { stop: boolean }): StartServer =>
  async (shiftUs) => {
    const { inputs, hashes } = await readInputs(file, flags);
    const bare = { moves: [], changes: [], expects: [], thresholds: [] };
    const served = {
      ...inputs,
      scenario: { ...inputs.scenario, ...bare },
      platform: loading.platform ?? reference,
    };
    const clock = new WallClock(shiftUs);
    const server = await PlatformServer.open(served, {
      ...{ clock, wallMs, host: '127.0.0.1', outsidePort: 0, insidePort: 0, secret: SECRET },
    });
    const timers = [
      after(loading.stopAfterMs, () => {
        asked.stop = true;
      }),
      after(loading.diesAfterMs, () => void server.close(0)),
    ];
    return {
      outsideUrl: server.outsideUrl,
      secret: SECRET,
      stop: async () => {
        for (const timer of timers) clearTimeout(timer);
        const folded =
          loading.diesAfterMs === undefined ? await server.close(31_000_000) : undefined;
        clock.close();
        if (folded === undefined) return undefined;
        const names = { hashes, waivers: [], compared: [], today: '2026-01-01' };
        const report = reportOf(
          served,
          folded,
          { ...names, version: '0.0.0', node: process.version, replay: '' },
          'wall',
        );
        return { report, tally: server.tally };
      },
    };
  };

const after = (ms: number | undefined, act: () => void): NodeJS.Timeout | undefined =>
  ms === undefined || ms === 0 ? undefined : setTimeout(act, ms);
