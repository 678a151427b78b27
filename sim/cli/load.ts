// What does `poolproof load` do: load a scenario's platform over HTTP in real time, and say what both sides saw.

import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ExitCode } from '../domain/exit-code.ts';
import type { LoadStage } from '../domain/load-report.ts';
import type { Report } from '../domain/report.ts';
import type { Sent } from '../engines/world.ts';
import { formatInstant } from '../kernel/calendar.ts';
import { Chance } from '../kernel/chance.ts';
import { WallClock } from '../kernel/wall-clock.ts';
import {
  type CarrierHooks,
  figuresOf,
  type Generated,
  Generator,
  HttpWire,
  IN_FLIGHT_MAX,
  metricsOf,
  notPlayed,
  toldOf,
} from '../load.ts';
import { evaluateThresholds } from '../measures.ts';
import { BUNDLED, json, LOAD_FORM, loadReport, loadText } from '../report.ts';
import { formatDuration } from '../scenario.ts';
import { EVENTS, TOLD_HEADER, toldText } from '../server.ts';
import { writeWhole } from './files.ts';
import { type Asked, readInputs } from './inputs.ts';
import { calibrated } from './load/calibrated.ts';
import { delaysOf } from './load/event-loop.ts';
import { startFleet } from './load/fleet.ts';
import type { LoadedServer, LoadFlags, StartServer } from './load/loaded.ts';
import { saturate } from './load/saturation.ts';
import { isTargeted, targetCommand } from './load/target.ts';
import { understood } from './load/understood.ts';
import { Complaints } from './options.ts';
import { ServerKilled, startServer } from './server-process.ts';
import { quoted } from './shell-word.ts';
import { progressOf, type Voice } from './voice.ts';

/** A load takes so long unless the scenario is shorter or something else is asked for. */
const DURATION_US = 60_000_000;
/** Of the asks, so many read their answer as a stream of events; a test of both ways. Assumed. */
const STREAMED_SHARE = 0.5;
const LOOK_MS = 50;

export const loadCommand = async (
  file: string,
  flags: LoadFlags,
  voice: Voice,
  start?: StartServer,
): Promise<ExitCode> => {
  if (isTargeted(flags)) return targetCommand(file, flags, voice);
  const options = new Complaints();
  const folder = flags.out ?? join('out', 'load');
  const asked = await readInputs(file, { ...flags, out: folder }, [
    () => {
      understood(flags, options);
      options.tell();
    },
  ]);
  const wanted = understood(flags, options);
  const durationUs = Math.min(wanted.durationUs ?? DURATION_US, asked.inputs.scenario.durationUs);
  const report = await play(
    { file, flags, asked, durationUs, saturateUs: wanted.saturateUs, voice },
    start ?? startOf(file, flags, asked),
  );
  const text = json(LOAD_FORM, report);
  writeWhole(asked.folder, [
    { name: 'load.json', text },
    { name: 'load.txt', text: loadText(report, { columns: 100 }) },
  ]);
  if (flags.stdout === 'json') voice.out(text);
  else if (flags.quiet === true) voice.out(`${report.sentence}\n`);
  else {
    const files = ['load.json', 'load.txt'].map((name) => join(asked.folder, name));
    voice.out(loadText(report, { columns: voice.columns, files }));
  }
  return report.exitCode;
};

/** Our own server in a child process, or several front doors of one. */
const startOf = (file: string, flags: LoadFlags, { inputs, folder }: Asked): StartServer => {
  const options = { ...flags, seed: String(inputs.seed), out: folder };
  const replicas = Number(flags.replicas);
  if (replicas === 1)
    return (shiftUs, signal) =>
      startServer(file, options, shiftUs, { signal, decisions: flags.calibrate === true });
  const limiter = flags.limiter === 'redis' ? 'redis' : 'local';
  const limitsOf = (tier: string) => inputs.scenario.tiers[tier]?.limits;
  return (shiftUs, signal) =>
    startFleet(file, options, shiftUs, { replicas, limiter, limitsOf }, signal);
};

interface Order {
  readonly file: string;
  readonly flags: LoadFlags;
  readonly asked: Asked;
  readonly durationUs: number;
  readonly saturateUs: number | undefined;
  readonly voice: Voice;
}

const play = async (order: Order, start: StartServer) => {
  const { flags, asked, durationUs, voice } = order;
  const { scenario } = asked.inputs;
  const shiftUs = scenario.startUs - new WallClock().nowUs();
  const clock = new WallClock(shiftUs);
  const server = await opened(start, shiftUs, voice);
  const generator = generatorOf(order, clock, server);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  await generator.signIn();
  delay.enable();
  await generator.load(durationUs);
  delay.disable();
  const generated = await generator.conclude();
  const told = await server?.stop();
  clock.close();
  const wall = flags.calibrate === true && !generated.partial ? told?.door : undefined;
  const calibration =
    wall === undefined
      ? null
      : await calibrated(asked.inputs, durationUs, generated, wall.decisions);
  const saturated = generated.partial ? undefined : await saturatedBy(order, start);
  const isCut = order.saturateUs !== undefined && saturated === undefined;
  const stage: LoadStage =
    server === undefined ? 'opening' : isCut && !generated.partial ? 'saturation' : generated.stage;
  return loadReport({
    version: voice.version,
    node: process.version,
    scenario: scenario.name,
    platform: told?.report.platform ?? flags.platform,
    target: BUNDLED,
    seed: asked.inputs.seed,
    partial: generated.partial || server === undefined || isCut,
    stage,
    replay: replayOf(order),
    load: figuresOf(generated, durationUs, delaysOf(delay)),
    ...{ verdict: generated.verdict, ownCanaries: generated.ownCanaries },
    server: told,
    expects: scenario.expects,
    waivers: asked.waivers,
    today: formatInstant(new WallClock().nowUs()).slice(0, 10),
    thresholds: thresholdsOf(order, generated, told?.report),
    saturation: saturated?.saturation ?? null,
    calibration,
    others: saturated === undefined ? [] : [saturated],
    notPlayed: notPlayed(scenario, durationUs),
    notes: [
      ...(server === undefined && !voice.stopped() ? [KILLED] : []),
      ...(server !== undefined && told === undefined ? [DIED] : []),
    ],
  });
};

/** A server of its own, so that what it is asked here is not counted with the load. */
const saturatedBy = async (order: Order, start: StartServer) => {
  const { asked, saturateUs, flags, voice } = order;
  if (saturateUs === undefined) return undefined;
  const shiftUs = asked.inputs.scenario.startUs - new WallClock().nowUs();
  const clock = new WallClock(shiftUs);
  const server = await opened(start, shiftUs, voice);
  if (server === undefined) return undefined;
  const generator = generatorOf(order, clock, server);
  await generator.signIn();
  const saturation = await saturate({
    ...{ generator, clock, outsideUrl: server.outsideUrl, stopped: voice.stopped },
    seconds: saturateUs / 1_000_000,
    connections: Number(flags.connections),
  });
  const { verdict } = await generator.conclude();
  const told = await server.stop();
  clock.close();
  return saturation === undefined ? undefined : { saturation, verdict, server: told?.report };
};

const KILLED = 'the server was killed before it was open';
const DIED = 'the server died before it was told to stop: what its checks saw is lost';

/** Undefined when the user asked to stop, or it was killed, before it was open; none is left behind. */
const opened = async (
  start: StartServer,
  shiftUs: number,
  voice: Voice,
): Promise<LoadedServer | undefined> => {
  const ending = new AbortController();
  const look = setInterval(() => {
    if (voice.stopped()) ending.abort();
  }, LOOK_MS);
  try {
    const server = await start(shiftUs, ending.signal);
    if (!voice.stopped()) return server;
    await server.stop();
    return undefined;
  } catch (problem) {
    if (problem instanceof ServerKilled) return undefined;
    throw problem;
  } finally {
    clearInterval(look);
  }
};

const generatorOf = (
  { flags, asked, durationUs, voice }: Order,
  clock: WallClock,
  server: LoadedServer | undefined,
): Generator => {
  const seconds = Math.ceil(durationUs / 1_000_000);
  const bar = progressOf(voice, flags.quiet, 'load', 's, {requests} requests');
  return new Generator(asked.inputs, {
    clock,
    inFlightMax: Number(flags.inFlight),
    stopped: voice.stopped,
    carrier: (hooks) => wireTo(server, clock, hooks),
    progress: (played, requests) => {
      bar.update(Math.min(seconds, Math.max(0, Math.floor(played))), seconds, { requests });
      if (played >= seconds) bar.stop();
    },
  });
};

const wireTo = (
  server: LoadedServer | undefined,
  clock: WallClock,
  hooks: CarrierHooks,
): HttpWire => {
  const outsideUrl = server?.outsideUrl ?? 'http://127.0.0.1:9';
  const doors = server?.frontDoors ?? [outsideUrl];
  let asked = 0;
  const nextDoor = (): string => {
    asked += 1;
    return doors[asked % doors.length] ?? outsideUrl;
  };
  return new HttpWire({
    clock,
    baseUrl: ({ to }) => (to === 'front-door' ? nextDoor() : outsideUrl),
    headers: (sent) => [
      [TOLD_HEADER, toldText(toldTo(server, sent), server?.secret ?? '')],
      ['accept', readsEvents(sent) ? EVENTS : 'application/json'],
    ],
    leaves: ({ journey }) => hooks.leaves(journey.request),
    hears: ({ journey }) => hooks.hears(journey.request),
  });
};

/** Front doors of a fleet have not seen their users sign in, which was at the server behind them. */
const toldTo = (server: LoadedServer | undefined, { to, journey: { request } }: Sent) => ({
  ...toldOf(request),
  ...(server?.frontDoors !== undefined && to === 'front-door' && request.bearer !== undefined
    ? { vouched: request.bearer.standing === 'good' }
    : {}),
});

const readsEvents = ({ journey: { request } }: Sent): boolean =>
  request.kind === 'ask' && new Chance('accept').fork(request.number).happens(STREAMED_SHARE);

const thresholdsOf = ({ asked }: Order, generated: Generated, server: Report | undefined) =>
  evaluateThresholds(asked.inputs.scenario.thresholds, metricsOf(generated, server));

/** What is not said is not repeated. */
const IN_FLIGHT = String(IN_FLIGHT_MAX);

const replayOf = ({ file, flags, asked, durationUs }: Order): string =>
  [
    `npx poolproof load ${quoted(file)} --seed ${asked.inputs.seed}`,
    `--duration ${formatDuration(durationUs)}`,
    ...(flags.platform === 'reference' ? [] : [`--platform ${quoted(`${flags.platform}`)}`]),
    ...(flags.policies === undefined ? [] : [`--policies ${quoted(flags.policies)}`]),
    ...(flags.trace === undefined ? [] : [`--trace ${quoted(flags.trace)}`]),
    ...(flags.inFlight === IN_FLIGHT ? [] : [`--in-flight ${flags.inFlight}`]),
    ...(flags.waivers === undefined ? [] : [`--waivers ${quoted(flags.waivers)}`]),
    ...(flags.replicas === '1' ? [] : [`--replicas ${flags.replicas}`]),
    ...(flags.calibrate === true ? ['--calibrate'] : []),
    ...(flags.limiter === undefined ? [] : [`--limiter ${flags.limiter}`]),
    ...(flags.saturate === undefined
      ? []
      : [`--saturate ${flags.saturate} --connections ${flags.connections}`]),
  ].join(' ');
