// May a request that was planned be asked, or is it dropped?

/** Lets requests through to be asked, or drops them: in simulated time all go through. */
export interface Gate {
  opens(plannedUs: number): boolean;
}

export const OPEN: Gate = { opens: () => true };
