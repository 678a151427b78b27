// The platform as a server on loopback HTTP: a door to the internet, and one where its agents stand.

import type { FastifyInstance } from 'fastify';
import { Agent } from 'undici';
import { Live } from './engines/live.ts';
import type { Folded, RunInputs } from './engines/run.ts';
import { atInsideDoor, atOutsideDoor, betweenServices, turnedAway } from './server/at-doors.ts';
import { TRACES_PATH } from './server/doors.ts';
import { hopWire, TICKET_HEADER, Tickets } from './server/hop-wire.ts';
import { insideServices } from './server/inside-services.ts';
import { IDLE_MS, listener, PATIENCE_MS, TRACES_BYTES_MAX } from './server/listener.ts';
import type { ServerSurroundings, ServerTally } from './server/surroundings.ts';
import { runtimeElsewhere } from './server/told.ts';

export { toldOf } from './engines/live.ts';
export { TRACES_PATH } from './server/doors.ts';
export { paired, withoutTransport } from './server/hop-wire.ts';
export { BODY_BYTES_MAX, HEADER_BYTES_MAX, TRACES_BYTES_MAX } from './server/listener.ts';
export { EVENTS, piecesIn, type Sendable } from './server/pieces.ts';
export type { ServerSurroundings, ServerTally } from './server/surroundings.ts';
export { TOLD_HEADER, toldText } from './server/told.ts';

/** An open platform. */
export class PlatformServer {
  readonly live: Live;
  readonly outsideUrl: string;
  readonly insideUrl: string;
  readonly tally: ServerTally;
  readonly #listeners: readonly FastifyInstance[];
  readonly #agent: Agent;
  readonly #state: { isEnding: boolean };
  readonly #sleep: (us: number) => Promise<void>;

  private constructor(
    parts: Pick<PlatformServer, 'live' | 'outsideUrl' | 'insideUrl' | 'tally'>,
    own: {
      readonly listeners: readonly FastifyInstance[];
      readonly agent: Agent;
      readonly state: { isEnding: boolean };
      readonly sleep: (us: number) => Promise<void>;
    },
  ) {
    this.live = parts.live;
    this.outsideUrl = parts.outsideUrl;
    this.insideUrl = parts.insideUrl;
    this.tally = parts.tally;
    this.#listeners = own.listeners;
    this.#agent = own.agent;
    this.#state = own.state;
    this.#sleep = own.sleep;
  }

  /**
   * Opens both doors and everything behind them. Throws an error with a `code` where a port cannot
   * be listened on.
   */
  static async open(inputs: RunInputs, around: ServerSurroundings): Promise<PlatformServer> {
    const tally: ServerTally = { answered: 0, tooLarge: 0, malformed: 0, left: 0, slow: 0 };
    const tickets = new Tickets(around.secret);
    // A hop must not wait for another: as many connections as there are calls at one time.
    const agent = new Agent({ connections: null, pipelining: 1, keepAliveTimeout: IDLE_MS / 2 });
    let insideUrl = '';
    const wire = hopWire(() => insideUrl, tickets, agent, runtimeElsewhere(around));
    const opening: { live?: Live } = {};
    const state = { isEnding: false };
    const liveNow = (): Live => {
      if (opening.live === undefined) throw new Error('the platform is not open yet');
      return opening.live;
    };
    const patienceMs = around.patienceMs ?? PATIENCE_MS;
    const inside = listener(
      tally,
      patienceMs,
      (request, reply) => {
        const ticket = String(request.headers[TICKET_HEADER] ?? '');
        if (ticket !== '') return betweenServices(tickets, ticket, { tally, request, reply });
        if (state.isEnding) return turnedAway({ tally, request, reply });
        return atInsideDoor(liveNow(), around, { tally, request, reply });
      },
      around.traces === undefined ? {} : { [TRACES_PATH]: TRACES_BYTES_MAX },
    );
    const outside = listener(tally, patienceMs, (request, reply) =>
      state.isEnding
        ? turnedAway({ tally, request, reply })
        : atOutsideDoor(liveNow(), around, { tally, request, reply }),
    );
    const listeners = [inside, outside];
    try {
      insideUrl = await inside.listen({ host: around.host, port: around.insidePort });
      opening.live = await Live.open(inputs, {
        inside: (standing) => insideServices(standing, around.spanProcessors),
        ...around,
        wire,
      });
      const outsideUrl = await outside.listen({ host: around.host, port: around.outsidePort });
      return new PlatformServer(
        { live: opening.live, outsideUrl, insideUrl, tally },
        { listeners, agent, state, sleep: (us) => around.clock.sleep(us) },
      );
    } catch (problem) {
      await Promise.all(listeners.map((one) => one.close()));
      throw problem;
    }
  }

  /** Turns new calls away, waits for those under way for `graceUs` at most, and concludes. */
  async close(graceUs: number): Promise<Folded> {
    this.#state.isEnding = true;
    for (let waitedUs = 0; this.live.open > 0 && waitedUs < graceUs; waitedUs += LOOK_US)
      await this.#sleep(LOOK_US);
    const folded = this.live.conclude();
    await Promise.all(this.#listeners.map((one) => one.close()));
    await this.#agent.destroy();
    return folded;
  }
}

const LOOK_US = 20_000;
