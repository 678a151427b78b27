// May this target be called at all? Loopback, or hosts that the user named, at a rate that the user capped.

import { type Complaint, UsageError } from '../domain/usage-error.ts';
import { type Clock, SECOND_US } from '../kernel/clock.ts';
import type { Target } from './target.ts';

/** What the user allowed on the command line. */
export interface Allowance {
  readonly hosts: readonly string[];
  /** Requests a second. */
  readonly maxRate: number | undefined;
  readonly isDryRun: boolean;
  /** Of the target file that a dry run has tried, with the same hosts. */
  readonly tried: boolean;
}

/** `localhost`, 127.0.0.0/8 and ::1, as a URL writes them. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** Every host that the file names, without repetition. */
export const hostsOf = ({ url, signIn }: Target): readonly string[] => {
  const urls = [url, ...('url' in signIn && signIn.url !== undefined ? [signIn.url] : [])];
  return [...new Set(urls.map((each) => new URL(each).hostname))];
};

/** Throws a UsageError with everything that is missing before anything is sent. */
export const assertAllowed = (target: Target, allowance: Allowance, file: string): void => {
  const { hosts, maxRate, isDryRun, tried } = allowance;
  const beyond = hostsOf(target).filter((host) => !isLoopback(host));
  const complaints: Complaint[] = beyond
    .filter((host) => !hosts.includes(host))
    .map((host) => ({
      file,
      message: `\`${host}\` is beyond this machine`,
      hint: `if it is yours to test, say so with \`--allow-host ${host}\``,
    }));
  for (const host of hosts) {
    if (beyond.includes(host)) continue;
    complaints.push({
      file: '--allow-host',
      message: `the target has nothing at \`${host}\` that would need it`,
      hint: beyond.length === 0 ? 'leave it out' : `its hosts: \`${beyond.join('`, `')}\``,
    });
  }
  if (beyond.length > 0 && maxRate === undefined)
    complaints.push({
      file: '--max-rate',
      message: 'is needed beyond this machine',
      hint: 'requests a second that the target may get at most, e.g. `--max-rate 5`',
    });
  if (beyond.length > 0 && !isDryRun && !tried)
    complaints.push({
      file,
      message: 'was not tried with a dry run as it is now',
      hint: 'add `--dry-run` first: it signs in and asks once for each tenant, into the same `--out`',
    });
  if (complaints.length > 0) throw new UsageError(complaints);
};

/** Never more than `maxRate` in any second: as many as fit into the time in which they may come. */
export class RateCap {
  readonly #clock: Clock;
  readonly #count: number;
  readonly #windowUs: number;
  /** The last instants, the oldest first. */
  readonly #sent: number[] = [];

  /** Without a rate nothing is capped. */
  constructor(clock: Clock, maxRate: number | undefined) {
    this.#clock = clock;
    this.#count =
      maxRate === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(maxRate));
    this.#windowUs = maxRate === undefined ? 0 : Math.ceil((this.#count / maxRate) * SECOND_US);
  }

  /** Takes a place for a call now, or says that there is none. */
  take(): boolean {
    const nowUs = this.#clock.nowUs();
    if (this.#waitUs(nowUs) > 0) return false;
    if (this.#windowUs > 0) this.#sent.push(nowUs);
    return true;
  }

  /** Takes the next place that there is. */
  async takeWhenFree(): Promise<void> {
    while (!this.take()) await this.#clock.sleep(this.#waitUs(this.#clock.nowUs()));
  }

  #waitUs(nowUs: number): number {
    while ((this.#sent[0] ?? Number.POSITIVE_INFINITY) + this.#windowUs <= nowUs)
      this.#sent.shift();
    if (this.#sent.length < this.#count) return 0;
    return (this.#sent[0] ?? nowUs) + this.#windowUs - nowUs;
  }
}
