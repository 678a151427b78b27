// On which contracts are faults planted? Small ones, with edges that their faults can be seen at.

import type { Contract, Limit } from '../domain/contract.ts';
import { parseInstantUs } from '../kernel/calendar.ts';
import { SECOND_US } from '../kernel/clock.ts';

const contractOf = (name: string, start: string, limits: readonly Limit[]): Contract => ({
  name,
  title: `What seeded faults break: ${name}.`,
  limits,
  bestEffort: undefined,
  startUs: parseInstantUs(start) ?? 0,
});

/** Seven a second in bursts of five; 300 a day from six o'clock of New York, whose clocks change. */
export const PLAN = contractOf('plan', '2026-03-07T12:00:00-05:00', [
  { scope: 'key', name: 'rate', kind: 'token-bucket', permitNs: 142_857_143, burst: 5 },
  {
    scope: 'key',
    name: 'day',
    kind: 'quota',
    requests: 300,
    period: 'day',
    zone: 'America/New_York',
    resetMinutes: 360,
  },
]);

/** Ten a second: tenths have no end in binary. */
export const TENTHS = contractOf('tenths', '2026-03-02T12:00:00Z', [
  { scope: 'key', name: 'rate', kind: 'token-bucket', permitNs: 100_000_000, burst: 5 },
]);

const TWENTY = { scope: 'key', name: 'window', requests: 20, windowUs: 10 * SECOND_US } as const;

export const LOG = contractOf('log', '2026-03-02T12:00:00Z', [{ ...TWENTY, kind: 'sliding-log' }]);

export const COUNTER = contractOf('counter', '2026-03-02T12:00:00Z', [
  { ...TWENTY, kind: 'sliding-counter' },
]);

/** The windows that the clock begins, and those that the first request does. */
export const EPOCH = contractOf('epoch', '2026-03-02T12:00:00Z', [
  { ...TWENTY, kind: 'fixed-window', begins: 'epoch' },
]);

export const OPENED = contractOf('opened', '2026-03-02T12:00:00Z', [
  { ...TWENTY, kind: 'fixed-window', begins: 'first-request' },
]);

/** Seven cells a second: their time has no end in microseconds. */
export const CELLS = contractOf('cells', '2026-03-02T12:00:00Z', [
  { scope: 'key', name: 'rate', kind: 'gcra', permitNs: 142_857_143, burst: 5 },
]);

/** A plan of each key below a stage that all keys share. */
export const STAGED = contractOf('staged', '2026-03-02T12:00:00Z', [
  { scope: 'key', name: 'plan', kind: 'token-bucket', permitNs: 500_000_000, burst: 5 },
  { scope: 'all', name: 'stage', kind: 'token-bucket', permitNs: 100_000_000, burst: 20 },
]);
