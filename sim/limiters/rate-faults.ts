// How does a bucket or a window go wrong? Seeded faults, each the smallest change to one that is right.

import { SECOND_US } from '../kernel/clock.ts';
import { changed, hearing, limitIn, withCells } from './breaking.ts';
import { Counted, epochSpan } from './cell.ts';
import { CELLS, COUNTER, EPOCH, LOG, OPENED, PLAN, TENTHS } from './fault-contracts.ts';
import {
  ClockTrusting,
  FloatBucket,
  OddBucket,
  ProlongedWindow,
  RoundedCounter,
} from './faulty.ts';
import type { FaultRow } from './seeded-fault.ts';

const TEN_MS_NS = 10_000_000;

export const BUCKETS: readonly FaultRow[] = [
  [
    'one-more',
    'admits',
    'lets one more into the burst',
    PLAN,
    changed(PLAN, 'token-bucket', (one) => ({ ...one, burst: one.burst + 1 })),
  ],
  [
    'one-less',
    'refuses',
    'refuses the last of the burst',
    PLAN,
    changed(PLAN, 'token-bucket', (one) => ({ ...one, burst: one.burst - 1 })),
  ],
  [
    'refill-early',
    'admits',
    'rounds the time of a permit down to 10 ms',
    PLAN,
    changed(PLAN, 'token-bucket', (one) => ({
      ...one,
      permitNs: one.permitNs - (one.permitNs % TEN_MS_NS),
    })),
  ],
  [
    'refill-late',
    'refuses',
    'rounds the time of a permit up to 10 ms',
    PLAN,
    changed(PLAN, 'token-bucket', (one) => ({
      ...one,
      permitNs: one.permitNs - (one.permitNs % TEN_MS_NS) + TEN_MS_NS,
    })),
  ],
  [
    'float-drift',
    'refuses',
    'adds tenths of permits as floating numbers',
    TENTHS,
    withCells(TENTHS, 'token-bucket', (one) => new FloatBucket(one)),
  ],
  [
    'runs-over',
    'admits',
    'lets a bucket grow beyond its burst while nobody calls',
    PLAN,
    withCells(PLAN, 'token-bucket', (one) => new OddBucket(one, 'runs over')),
  ],
  [
    'begins-empty',
    'refuses',
    'gives a new key an empty bucket',
    PLAN,
    withCells(PLAN, 'token-bucket', (one) => new OddBucket(one, 'begins empty')),
  ],
  [
    'clock-back-mints',
    'admits',
    'counts a second twice when the clock was put back',
    TENTHS,
    () => new ClockTrusting(limitIn(TENTHS, 'token-bucket')),
  ],
  [
    'whole-seconds',
    'either',
    'reads a clock of whole seconds',
    PLAN,
    hearing(PLAN, (call) => ({ ...call, clockUs: call.clockUs - (call.clockUs % SECOND_US) })),
  ],
  [
    'cell-in-time',
    'admits',
    'tolerates a cell that is one whole interval early',
    CELLS,
    changed(CELLS, 'gcra', (one) => ({ ...one, burst: one.burst + 1 })),
  ],
  [
    'cell-cut',
    'admits',
    'cuts the time of a cell to whole microseconds',
    CELLS,
    changed(CELLS, 'gcra', (one) => ({ ...one, permitNs: one.permitNs - (one.permitNs % 1000) })),
  ],
];

export const WINDOWS: readonly FaultRow[] = [
  [
    'window-edge',
    'admits',
    'counts from edge to edge in place of any interval',
    LOG,
    changed(LOG, 'sliding-log', (one) => ({ ...one, kind: 'fixed-window', begins: 'epoch' })),
  ],
  [
    'edge-included',
    'refuses',
    'still counts what is exactly one window old',
    LOG,
    changed(LOG, 'sliding-log', (one) => ({ ...one, windowUs: one.windowUs + 1 })),
  ],
  [
    'edge-excluded',
    'admits',
    'forgets a microsecond before the window is over',
    LOG,
    changed(LOG, 'sliding-log', (one) => ({ ...one, windowUs: one.windowUs - 1 })),
  ],
  [
    'share-rounded',
    'admits',
    'rounds the share of the window before down',
    COUNTER,
    withCells(COUNTER, 'sliding-counter', (one) => new RoundedCounter(one)),
  ],
  [
    'edge-to-the-old',
    'either',
    'counts the first microsecond of a window for the one before',
    EPOCH,
    withCells(EPOCH, 'fixed-window', ({ requests, windowUs }) => {
      const spanOf = epochSpan(windowUs);
      return new Counted(requests, (atUs) => {
        const { startUs, endUs } = spanOf(atUs - 1);
        return { startUs: startUs + 1, endUs: endUs + 1 };
      });
    }),
  ],
  [
    'windows-of-the-clock',
    'either',
    'begins its windows with the clock in place of the first request',
    OPENED,
    changed(OPENED, 'fixed-window', (one) => ({ ...one, begins: 'epoch' })),
  ],
  [
    'window-prolonged',
    'refuses',
    'begins the time of its window anew with every admission',
    OPENED,
    withCells(OPENED, 'fixed-window', (one) => new ProlongedWindow(one)),
  ],
];
