// How does a test wait for what happens in simulated time: by letting the time pass until it is done.

import { VirtualClock } from '../../sim/kernel/virtual-clock.ts';
import { House } from './house.ts';
import { houseInputs } from './inputs.ts';

export interface SimulatedHouse {
  readonly house: House;
  /** Lets time pass until the work is done. */
  readonly done: <T>(work: Promise<T>) => Promise<T>;
  /** Lets so much time pass. */
  readonly pass: (durationUs: number) => Promise<void>;
}

export const simulatedHouse = async (): Promise<SimulatedHouse> => {
  const clock = new VirtualClock(houseInputs().scenario.startUs);
  const done = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false;
    const mark = (): void => {
      isDone = true;
    };
    work.then(mark, mark);
    while (!isDone) await clock.run({ until: () => isDone });
    return work;
  };
  return {
    house: await House.open(clock),
    done,
    pass: (durationUs) => done(clock.sleep(durationUs)),
  };
};
