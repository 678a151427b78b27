// What does a stall do to honest figures: a server that answers at once but for one stretch, and its own record.

import { createServer, type Server } from 'node:http';
import { arrivals } from '../../sim/kernel/arrivals.ts';
import { Chance } from '../../sim/kernel/chance.ts';
import { SECOND_US } from '../../sim/kernel/clock.ts';
import { WallClock } from '../../sim/kernel/wall-clock.ts';
import { cutOf, HttpWire, openLoop, Pace, type PaceFigures } from '../../sim/load.ts';
import { Samples } from '../../sim/measures.ts';

export const STALL_US = SECOND_US / 2;
export const PER_SECOND = 100;
const PLANNED = 'x-planned-us';
const HOST = '127.0.0.1';

/** Milliseconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

export interface Stalled {
  /** As the generator reports them. */
  readonly reported: Quantiles;
  /** From the planned starts to the answers, by the server's own record. */
  readonly truth: Quantiles;
  readonly requests: number;
  readonly pace: PaceFigures;
}

/** Sends 100 requests a second at even distances, in an open loop, past a stall in the middle. */
export const stalledLoad = async (seconds: number): Promise<Stalled> => {
  const clock = new WallClock();
  const server = new StallingServer(clock);
  const baseUrl = await server.open();
  const wire = new HttpWire({ clock, baseUrl });
  const pace = new Pace(() => clock.nowUs());
  try {
    const fromUs = clock.nowUs() + SECOND_US / 10;
    const toUs = fromUs + seconds * SECOND_US;
    server.stallFrom(fromUs + Math.floor((seconds * SECOND_US) / 2));
    const { latencies, planned, failed } = await openLoop({
      clock,
      pace,
      starts: arrivals(
        { kind: 'constant', requestsPerSecond: PER_SECOND },
        { fromUs, toUs },
        new Chance(1),
      ),
      send: async (_number, plannedUs) => {
        const call = { method: 'GET', path: '/', headers: [], body: '' };
        const reply = await wire.send(baseUrl, call, [[PLANNED, String(plannedUs)]]);
        if (cutOf(reply) !== undefined) throw new Error(cutOf(reply));
      },
    });
    if (failed > 0 || server.record.count !== planned)
      throw new Error(`${planned} planned, ${server.record.count} answered, ${failed} failed`);
    const ms = (us: number | undefined): number => (us ?? Number.NaN) / 1000;
    return {
      reported: { p50: ms(latencies.quantile(50)), p99: ms(latencies.quantile(99)) },
      truth: { p50: ms(server.record.quantile(50)), p99: ms(server.record.quantile(99)) },
      requests: planned,
      pace: pace.conclude(ms(latencies.quantile(50))),
    };
  } finally {
    await wire.close();
    server.close();
    clock.close();
  }
};

/** Answers at once, except for half a second in which nothing is answered. */
export class StallingServer {
  readonly record = new Samples();
  readonly #server: Server;
  #fromUs = Number.POSITIVE_INFINITY;
  #afterUs: number | undefined;

  constructor(clock: WallClock) {
    this.#server = createServer((request, response) => {
      const plannedUs = Number(request.headers[PLANNED]);
      const answer = (): void => {
        this.record.add(clock.nowUs() - plannedUs);
        response.end('answered');
      };
      const nowUs = clock.nowUs();
      if (this.#afterUs !== undefined) this.#fromUs = nowUs + this.#afterUs;
      this.#afterUs = undefined;
      const overUs = this.#fromUs + STALL_US;
      if (nowUs >= this.#fromUs && nowUs < overUs) clock.at(overUs, answer);
      else answer();
    });
  }

  stallFrom(atUs: number): void {
    this.#fromUs = atUs;
  }

  /** The base URL. */
  open(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, HOST, () => {
        const address = this.#server.address();
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(`http://${HOST}:${address.port}`);
      });
    });
  }

  /** Stalls once, so long after the first request. */
  stallAfter(us: number): void {
    this.#afterUs = us;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
