// What does `poolproof serve` do: open a scenario's platform on loopback HTTP until it is told to stop.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ExitCode } from '../domain/exit-code.ts';
import type { FleetDoor } from '../domain/fleet-report.ts';
import type { Report } from '../domain/report.ts';
import { UsageError } from '../domain/usage-error.ts';
import { DoorWatch } from '../engines/door-watch.ts';
import type { RunInputs } from '../engines/run.ts';
import { formatInstant } from '../kernel/calendar.ts';
import { WallClock, wallMs } from '../kernel/wall-clock.ts';
import { json, markdown, RUN_FORM, sourceLines } from '../report.ts';
import { PlatformServer, type ServerTally } from '../server.ts';
import { collectorOf } from './collector.ts';
import { writeWhole } from './files.ts';
import { type Asked, type RunOptions, readInputs } from './inputs.ts';
import { environmentOf, variablesText } from './serve/environment.ts';
import type { frontDoorOnly } from './serve/front-door.ts';
import { ServedTraces, type TraceFlags } from './serve/traces.ts';
import { reportOf } from './telling.ts';
import type { Voice } from './voice.ts';

export interface ServeFlags extends RunOptions, TraceFlags {
  readonly platform: string;
  readonly host: string;
  readonly port: string;
  readonly insidePort: string;
  readonly fromStart?: boolean;
  readonly printEnv?: boolean;
  readonly quiet?: boolean;
  /** The inside door of the server behind this one, which is then a front door only. */
  readonly frontDoorOf?: string;
  /** Keeps what the front door decides, request by request, for the process that asks for it. */
  readonly decisions?: boolean;
  /** Is told to stop by the process that started it, and reports to it. */
  readonly child?: boolean;
}

/** What the server's process says to the one that started it. */
export type FromServer =
  | { readonly kind: 'open'; readonly outsideUrl: string; readonly insideUrl: string }
  | {
      readonly kind: 'report';
      readonly report: Report;
      readonly tally: ServerTally;
      /** What its front door decided, where that was asked for. */
      readonly door: FleetDoor;
    };

/** The secret of a run is handed to its server in the environment, where no list of processes shows it. */
export const SECRET_VARIABLE = 'POOLPROOF_RUN_SECRET';
/** How far the clock of the run is ahead of the machine's, in whole microseconds. */
export const SHIFT_VARIABLE = 'POOLPROOF_RUN_SHIFT_US';

/** Loaded where it is asked for: it brings the clients of a Redis with it. */
const frontDoor: typeof frontDoorOnly = async (...given) =>
  (await import('./serve/front-door.ts')).frontDoorOnly(...given);

/** How long requests under way may go on once the server is told to stop: above the front door's 29 s. */
const GRACE_US = 31_000_000;
const LOOK_US = 50_000;

export const serveCommand = async (
  file: string,
  flags: ServeFlags,
  voice: Voice,
): Promise<ExitCode> => {
  let [outsidePort, insidePort] = [0, 0];
  const asked = await readInputs(file, { ...flags, out: flags.out ?? join('out', 'serve') }, [
    () => {
      outsidePort = portOf(flags.port, '--port');
    },
    () => {
      insidePort = portOf(flags.insidePort, '--inside-port');
    },
    () => assertHost(flags.host),
    () => flags.exportTraces === undefined || collectorOf(flags.exportTraces),
  ]);
  const clock = new WallClock(shiftOf(flags, asked.inputs));
  const secret = process.env[SECRET_VARIABLE] ?? randomBytes(16).toString('hex');
  const watch = new DoorWatch();
  const isWatched = flags.decisions === true || flags.frontDoorOf !== undefined;
  const { POOLPROOF_REDIS_URL: redisUrl } = process.env;
  const door =
    flags.frontDoorOf === undefined
      ? undefined
      : await frontDoor(asked.inputs.platform, { secret, watch, clock, redisUrl });
  const inputs = {
    ...inputsAt(clock.nowUs(), asked.inputs, flags),
    ...(door === undefined ? {} : { platform: door.platform }),
  };
  const opened: { server?: PlatformServer } = {};
  const traces = new ServedTraces(flags, clock, {
    labelOf: (owner) => opened.server?.live.standing.ledger.labelOf(owner),
    say: (sentence) => voice.err(`${sentence}\n`),
  });
  const server = await PlatformServer.open(inputs, {
    ...{ clock, wallMs, host: flags.host, outsidePort, insidePort, secret },
    ...(flags.frontDoorOf === undefined ? {} : { runtimeAt: flags.frontDoorOf }),
    ...traces.around,
    observers: [...traces.around.observers, ...(isWatched ? [watch] : [])],
  }).catch(async (problem: NodeJS.ErrnoException) => {
    clock.close();
    await traces.stop();
    await door?.close();
    throw unheard(problem, flags);
  });
  opened.server = server;
  const conclude = () => ended(server, traces, inputs, asked, voice);
  try {
    if (flags.child === true) return await serveParent(server, conclude, watch);
    await greet(server, flags, voice);
    while (!voice.stopped()) await clock.sleep(LOOK_US);
    if (flags.quiet !== true) voice.err('ending what is under way; Ctrl-C again ends at once\n');
    const { report, exported } = await conclude();
    writeWhole(asked.folder, [
      { name: 'report.json', text: json(RUN_FORM, report) },
      { name: 'report.md', text: markdown(report) },
    ]);
    // Where a shell reads the variables, nothing else may stand.
    const say = flags.printEnv === true ? voice.err : voice.out;
    say(`${report.sentence}\n`);
    if (flags.quiet !== true) say(tracesText(report, exported));
    return report.exitCode;
  } finally {
    clock.close();
    await traces.stop();
    await door?.close();
  }
};

/** Serves until the parent says `stop`, or is gone. */
const serveParent = async (
  server: PlatformServer,
  conclude: () => Promise<Concluded>,
  watch: DoorWatch,
): Promise<ExitCode> => {
  const told = new Promise<boolean>((resolve) => {
    process.once('message', () => resolve(true));
    process.once('disconnect', () => resolve(false));
    // Of a parent that was gone before it was open nothing more is heard.
    if (process.connected !== true) resolve(false);
  });
  const { outsideUrl, insideUrl } = server;
  await sendParent({ kind: 'open', outsideUrl, insideUrl });
  if (!(await told)) process.exit(0);
  const { report } = await conclude();
  await sendParent({ kind: 'report', report, tally: server.tally, door: watch.door() });
  process.disconnect?.();
  return 0;
};

/** Says something to the parent; a parent that is gone hears nothing. */
export const sendParent = (said: FromServer): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(said, () => resolve());
  });

interface Concluded {
  readonly report: Report;
  /** What became of the platform's spans at a collector, in sentences. */
  readonly exported: readonly string[];
}

const ended = async (
  server: PlatformServer,
  served: ServedTraces,
  inputs: RunInputs,
  { hashes }: Asked,
  { version }: Voice,
): Promise<Concluded> => {
  const folded = await server.close(GRACE_US);
  const { verdicts, traces } = served.conclude();
  const exported = await served.stop();
  const report = reportOf(
    inputs,
    folded,
    {
      ...{ version, node: process.version, hashes, waivers: [], compared: verdicts, traces },
      today: formatInstant(new WallClock().nowUs()).slice(0, 10),
      replay: 'nothing repeats what clients did of their own accord',
    },
    'wall',
  );
  return { report, exported };
};

const tracesText = ({ traces }: Report, exported: readonly string[]): string =>
  [
    ...traces.flatMap((each) => sourceLines(each).map((line) => [each.source, line] as const)),
    ...exported.map((line) => ['exported', line] as const),
  ]
    .map(([what, line]) => `traces ${what.padEnd('received'.length)}  ${line}\n`)
    .join('');

const greet = async (server: PlatformServer, flags: ServeFlags, voice: Voice): Promise<void> => {
  if (flags.printEnv === true) {
    voice.out(variablesText(await environmentOf(server), server.live.clients.length));
    return;
  }
  if (flags.quiet === true) return;
  voice.out(
    [
      `outside  ${server.outsideUrl}  the front door and identity, as from the internet`,
      `inside   ${server.insideUrl}  every service, as where an agent stands`,
      'Ctrl-C ends, and writes the report; --print-env gives the variables that point clients here',
      '',
    ].join('\n'),
  );
};

/**
 * Real time, unless the run is to begin where the scenario begins: then its changes and faults come
 * at their instants.
 */
const shiftOf = (flags: ServeFlags, { scenario }: RunInputs): number => {
  const given = process.env[SHIFT_VARIABLE];
  if (flags.child === true && given !== undefined) return Number(given);
  return flags.fromStart === true ? scenario.startUs - new WallClock().nowUs() : 0;
};

/** What is played by others is left out: those who call are the traffic. */
const inputsAt = (nowUs: number, inputs: RunInputs, flags: ServeFlags): RunInputs => {
  const { scenario } = inputs;
  const bare = { ...scenario, moves: [], expects: [], thresholds: [] };
  // A driver plays the traffic of the population as it began: nobody comes, goes or is changed.
  if (flags.child === true) return { ...inputs, scenario: { ...bare, changes: [] } };
  if (flags.fromStart === true) return { ...inputs, scenario: bare };
  const own = { startUs: nowUs, endUs: nowUs + scenario.durationUs, changes: [], faults: [] };
  return { ...inputs, scenario: { ...bare, ...own } };
};

const portOf = (text: string, option: string): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError([
    {
      file: option,
      message: `not a port: \`${text}\``,
      hint: 'expected 0 (any free one) to 65535',
    },
  ]);
};

/** An address that is empty, such as that of a variable which is not set, would be every address. */
const assertHost = (host: string): void => {
  if (host.trim() !== '') return;
  throw new UsageError([
    {
      file: '--host',
      message: 'is empty',
      hint: 'expected an address, such as `127.0.0.1`; `0.0.0.0` is all of this machine’s',
    },
  ]);
};

const unheard = (problem: NodeJS.ErrnoException, { host, port, insidePort }: ServeFlags): Error => {
  const why = REASONS[problem.code ?? ''];
  if (why === undefined) return problem;
  return new UsageError([
    {
      file: '--port',
      message: `cannot listen on \`${host}\` at ${port} and ${insidePort}: ${why}`,
      hint: 'port 0 takes any free one',
    },
  ]);
};

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'it is not allowed',
  EADDRNOTAVAIL: 'no such address here',
  ENOTFOUND: 'no such host',
};
