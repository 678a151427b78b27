import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Against what hangs, not what is slow: a machine shared with others may take several times as long.
    testTimeout: 600_000,
    maxWorkers: 2,
    hookTimeout: 600_000,
  },
});
