// Which sources of nondeterminism are planted, by where they show?

import { CHANCE } from './chance.ts';
import { COMMON_GROUND } from './common-ground.ts';
import { DISK, MEMORY } from './leftovers.ts';
import { MACHINE_TIME } from './machine-time.ts';
import { type Source, unplanted } from './plant.ts';
import { RACES } from './races.ts';
import { WHEREABOUTS } from './whereabouts.ts';

/** Shows in any second run. */
export const ALWAYS: readonly Source[] = [...CHANCE, ...MACHINE_TIME, ...DISK];
/** Shows in another process, zone, language or directory alone: what `--twice` has its child for. */
export const ELSEWHERE: readonly Source[] = [...WHEREABOUTS, ...RACES];
/** Shows in a second run of the same process alone, and not under `--twice`. */
export const HERE: readonly Source[] = MEMORY;
/** Shows on another machine alone, and not under `--twice`. */
export const NOWHERE: readonly Source[] = COMMON_GROUND;

export const CATALOGUE: readonly Source[] = [...ALWAYS, ...ELSEWHERE, ...HERE, ...NOWHERE];

/** The modules of the catalogue, each once, with nothing planted in them. */
export const CLEAN: readonly Source[] = [
  ...new Map(CATALOGUE.map(unplanted).map((source) => [source.what, source])).values(),
];
