import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Against what hangs, not what is slow: a machine shared with others may take several times as long.
    testTimeout: 600_000,
    // One more than the two cores that are counted on: loads, servers and children are waited for.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Room for what lives for a moment only: with less, an eighth of the time goes into clearing it up.
    execArgv: ['--max-semi-space-size=64'],
    // What one file has loaded and warmed up serves the next: half of the time went into that.
    isolate: false,
    setupFiles: ['test/setup.ts'],
    hookTimeout: 600_000,
  },
});
