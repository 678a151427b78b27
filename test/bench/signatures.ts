// What do signatures cost a run: how many were made and verified, and how long one took?

import { Sign, Verify } from 'node:crypto';
import { median } from './ratio.ts';

export interface Signatures {
  readonly made: Work;
  readonly verified: Work;
}

export interface Work {
  readonly count: number;
  /** Wall µs of one, at the median: a process that had to wait for its turn does not move it. */
  readonly medianUs: number;
}

/** All processor µs of the work, had each taken what the median took. */
export const totalUs = ({ count, medianUs }: Work): number => (count === 0 ? 0 : count * medianUs);

/** Times every signature that node:crypto makes or verifies, until `stop`. */
export const watchSignatures = (): {
  readonly read: () => Signatures;
  readonly stop: () => void;
} => {
  const made: number[] = [];
  const verified: number[] = [];
  const { sign } = Sign.prototype;
  const { verify } = Verify.prototype;
  Sign.prototype.sign = timed(sign, made);
  Verify.prototype.verify = timed(verify, verified);
  return {
    read: () => ({ made: workOf(made), verified: workOf(verified) }),
    stop: () => {
      Sign.prototype.sign = sign;
      Verify.prototype.verify = verify;
    },
  };
};

const workOf = (timesUs: readonly number[]): Work => ({
  count: timesUs.length,
  medianUs: median(timesUs),
});

type Method = (...given: never[]) => unknown;

const timed = <M extends Method>(method: M, timesUs: number[]): M =>
  function (this: unknown, ...given: Parameters<M>): unknown {
    const beganMs = performance.now();
    const result: unknown = Reflect.apply(method, this, given);
    timesUs.push((performance.now() - beganMs) * 1000);
    return result;
  } as unknown as M;
