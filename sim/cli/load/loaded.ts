// What is loaded, and what was asked for it?

import type { FleetDoor, FleetReport } from '../../domain/fleet-report.ts';
import type { ServerConnections } from '../../domain/load-report.ts';
import type { Report } from '../../domain/report.ts';
import type { RunOptions } from '../inputs.ts';

export interface LoadFlags extends RunOptions {
  readonly platform: string;
  readonly duration?: string;
  readonly inFlight: string;
  readonly replicas: string;
  readonly limiter?: string;
  readonly calibrate?: boolean;
  readonly saturate?: string;
  readonly connections: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
}

/** A server that is loaded: ours in a child process, or one that a test holds itself. */
export interface LoadedServer {
  readonly outsideUrl: string;
  readonly secret: string;
  /** Where questions are asked in turns, when it has several front doors. */
  readonly frontDoors?: readonly string[];
  /** Ends it in order; undefined when it has died and can say nothing. */
  stop(): Promise<ServerTold | undefined>;
}

/** What a server says at its end. */
export interface ServerTold {
  readonly report: Report;
  readonly tally: ServerConnections;
  /** What its front door decided; left out where there are several. */
  readonly door?: FleetDoor;
  /** How several front doors kept the plans between them. */
  readonly fleet?: FleetReport;
}

/** Starts it with a clock that is so far ahead of the machine's; `signal` gives it up. */
export type StartServer = (shiftUs: number, signal: AbortSignal) => Promise<LoadedServer>;
