// How far may the heap outgrow what lives in it: of a command that runs long, not of a user's own process.

import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** From so many bytes on. Smaller heaps are let alone: there it would only cost time. */
const LARGE = 256 * 1024 * 1024;

/**
 * To be called now and then. Left to itself V8 lets a day of a thousand tenants grow to 1.5 GiB for
 * 0.45 that lives: it looks for garbage late, and leaves half of each page empty. Told to mind the
 * size it closes up the pages; how much may be added to what lives, in percent, keeps that from
 * being too often. Both are read at every collection, so that they may be set at any time.
 */
export const keepHeapSmall = (): void => {
  if (isKept || getHeapStatistics().total_heap_size < LARGE) return;
  isKept = true;
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--heap-growing-percent=60');
};

let isKept = false;
