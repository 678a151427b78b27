// Where does a command speak, and how does it show that it is still at work?

import { SingleBar } from 'cli-progress';

export interface Voice {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly columns: number;
  readonly colour: boolean;
  /** True when progress may be drawn on stderr. */
  readonly lively: boolean;
  /** True once the user asked to stop. */
  readonly stopped: () => boolean;
  readonly version: string;
}

export interface Progress {
  update(done: number, total: number, more: Readonly<Record<string, number>>): void;
  stop(): void;
}

const SILENT: Progress = { update: () => {}, stop: () => {} };

/** Lets the process hear of Ctrl-C between two pieces of work. */
export const hearSignals = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A bar on stderr; nothing when nobody watches. `tail` follows the count, with `{names}` of `more`. */
export const progressOf = (
  voice: Voice,
  quiet: boolean | undefined,
  name: string,
  tail: string,
): Progress => {
  if (!voice.lively || quiet === true) return SILENT;
  const bar = new SingleBar({
    format: `${name} {bar} {value} of {total} ${tail}`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  let begun = false;
  return {
    update: (done, total, more) => {
      if (!begun) bar.start(total, done, more);
      begun = true;
      bar.update(done, more);
    },
    stop: () => bar.stop(),
  };
};
