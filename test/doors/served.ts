// How do real clients reach the house: at the server's inside door, in a time that never waits.

import { onTestFinished } from 'vitest';
import type { RunInputs } from '../../sim/engines/run.ts';
import type { Clock } from '../../sim/kernel/clock.ts';
import { PlatformServer } from '../../sim/server.ts';
import { houseInputs } from './inputs.ts';

/** Begins at the scenario's first instant and runs on with the machine; whatever sleeps wakes at once. */
class HurriedClock implements Clock {
  #shiftUs: number;

  constructor(startUs: number) {
    this.#shiftUs = startUs - Date.now() * 1000;
  }

  nowUs(): number {
    return Date.now() * 1000 + this.#shiftUs;
  }

  sleep(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  at(_atUs: number, action: () => void): void {
    setImmediate(action);
  }

  pass(durationUs: number): void {
    this.#shiftUs += durationUs;
  }
}

export interface Served {
  /** The inside door, without a slash at its end. */
  readonly url: string;
  /** A user's ID token by tenant and user, e.g. `clinic-a/dr.lee`. */
  readonly bearerOf: (name: string) => Promise<string>;
  /** Lets so much time pass at once. */
  readonly pass: (durationUs: number) => void;
  /** Who was answered how: method, path and status of every call of a client. */
  readonly log: readonly string[];
  /** What all checks found, as `promise title`. Ends the server. */
  readonly findings: () => Promise<readonly string[]>;
}

/** Opens the platform's server; it ends with the test. */
export const served = async (changes: Partial<RunInputs> = {}): Promise<Served> => {
  const inputs = { ...houseInputs(), ...changes };
  const clock = new HurriedClock(inputs.scenario.startUs);
  const log: string[] = [];
  const server = await PlatformServer.open(inputs, {
    ...{ clock, wallMs: () => 0, host: '127.0.0.1', outsidePort: 0, insidePort: 0 },
    secret: 'of this test',
    observers: [
      {
        see: (event) => {
          if (event.kind === 'exchange' && event.parent === 0)
            log.push(`${event.call.method} ${event.call.path} ${event.reply.status}`);
        },
      },
    ],
  });
  const { live } = server;
  let ended: ReturnType<PlatformServer['close']> | undefined;
  const end = (): ReturnType<PlatformServer['close']> => {
    ended ??= server.close(0);
    return ended;
  };
  onTestFinished(async () => void (await end()));
  return {
    url: server.insideUrl,
    log,
    pass: (durationUs) => clock.pass(durationUs),
    bearerOf: async (name) => {
      const [tenant, user] = name.split('/');
      const client = live.clients.find(
        ({ principal }) => principal.tenant.id === tenant && principal.user === user,
      );
      const bearer = client === undefined ? undefined : await live.sender.bearerFor(client);
      if (bearer === undefined) throw new Error(`${name} may not sign in`);
      return bearer.text;
    },
    findings: async () =>
      (await end()).verdicts.flatMap(({ findings }) =>
        findings.map(({ violation }) => `${violation.promise} ${violation.title}`),
      ),
  };
};
