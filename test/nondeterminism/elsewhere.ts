// What are the histories of all sources in the child process of `--twice`? This is the platform that it loads.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reference } from '../../sim/platforms/reference.ts';
import { CATALOGUE, CLEAN } from './catalogue.ts';
import { type History, play } from './history.ts';
import { planted } from './plant.ts';
import { HISTORIES, room } from './room.ts';

export const platform = reference;

// A process for each source would take a minute, so one plays them all before its own run.
const histories: Record<string, History> = {};
for (const source of [...CATALOGUE, ...CLEAN]) {
  const { digest, checkpoints, lines } = await play(planted(source));
  histories[source.what] = { digest, checkpoints, lines };
}
writeFileSync(join(room(), HISTORIES), JSON.stringify(histories));
